"""Fingerprints of structures, how alike they are, and which analytes are one molecule."""

import numpy as np
import pyarrow as pa
from made_spectra import isomer_table, write_arrow

from spectradb.arrays.annotated_spectra import load_training_data
from spectradb.similarity.molecules import molecules_of
from spectradb.similarity.structures import MORGAN, PATHS, fingerprint_bits, mean_tanimoto, tanimoto


def test_tanimoto_is_shared_bits_over_bits_of_either():
    left = np.array([[1, 1, 0, 0], [0, 0, 0, 0]], dtype=np.uint8)
    right = np.array([[1, 0, 1, 0], [1, 1, 0, 0], [0, 0, 0, 0]], dtype=np.uint8)
    np.testing.assert_allclose(tanimoto(left, right), [[1 / 3, 1.0, 0.0], [0.0, 0.0, 0.0]])


def test_fingerprints_tell_structures_apart():
    bits = fingerprint_bits(["CCO", "OCC", "CCCO", "no structure", ""])
    assert bits.shape == (5, 4096)
    assert bits.any(axis=1).tolist() == [True, True, True, False, False]
    assert (bits[0] == bits[1]).all()
    # Ethanol: CH3, CH2, OH and their surroundings. Propanol shares CH3, CH2, OH and the surroundings of the hydroxyl.
    assert bits[0, MORGAN].sum() == 6
    assert 0 < tanimoto(bits[:1, MORGAN], bits[2:3, MORGAN])[0, 0] < 1
    both = (tanimoto(bits[:1, MORGAN], bits[2:3, MORGAN]) + tanimoto(bits[:1, PATHS], bits[2:3, PATHS])) / 2
    np.testing.assert_allclose(mean_tanimoto(bits[:1], bits[2:3]), both)


def test_labelled_forms_are_one_molecule_and_unreadable_structures_none(tmp_path):
    table = isomer_table(n_windows=1, n_isomers=4, n_spectra=1)
    names = ["AAAAAAAAAAAAAA", "AAAAAAAAAAAAAA-d3", "BBBBBBBBBBBBBB", "CCCCCCCCCCCCCC"]
    smiles = ["CCO", "[2H]C([2H])([2H])CO", "not one", None]
    analytes = sorted(set(table["analyte_id"].to_pylist()))
    number = [analytes.index(name) for name in table["analyte_id"].to_pylist()]
    for column, values in (("analyte_id", names), ("smiles", smiles)):
        place = table.column_names.index(column)
        field = table.schema.field(column)
        table = table.set_column(place, field, pa.array([values[n] for n in number], field.type))
    data = load_training_data(write_arrow(table, tmp_path / "d.arrow"))
    assert data.smiles == ["CCO", "[2H]C([2H])([2H])CO", "not one", ""]
    found = molecules_of(data, np.arange(len(data)))
    assert (found.keys, found.smiles) == (["AAAAAAAAAAAAAA"], ["CCO"])
    assert len(found.rows) == 6
    assert set(found.molecule.tolist()) == {0}
