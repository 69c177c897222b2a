"""The shipped SELECTs over one made-up row of the tables that they are for."""

import duckdb
import pytest

from spectradb import schemas


def selected(name, path):
    return duckdb.sql(schemas.read(f"selects/{name}").replace("{file}", str(path))).to_arrow_table().to_pylist()


@pytest.mark.covers("selects/massspecgym")
def test_massspecgym(tmp_path):
    path = tmp_path / "gym.tsv"
    names = "identifier mzs intensities smiles inchikey formula precursor_mz adduct instrument_type collision_energy fold"
    cells = ["G1", "50.5,60.25", "0.1,1.0", "CCO", "LFQSCWFLJHTTHZ", "C2H6O", "47.05", "[M+H]+", "QTOF", "20.0", "test"]
    path.write_text("\t".join(names.split()) + "\n" + "\t".join(cells) + "\n")
    assert selected("massspecgym", path) == [
        {
            "native_id": "G1",
            "ms_level": 2,
            "precursor_mz": 47.05,
            "ion_mode": "positive",
            "adduct": "[M+H]+",
            "collision_energy": "20.0",
            "instrument_type": "QTOF",
            "smiles": "CCO",
            "inchikey": "LFQSCWFLJHTTHZ",
            "formula": "C2H6O",
            "run": "test",
            "mz": [50.5, 60.25],
            "intensity": [0.1, 1.0],
        }
    ]


@pytest.mark.covers("selects/massbank")
def test_massbank(tmp_path):
    path = tmp_path / "massbank.parquet"
    duckdb.sql(
        "SELECT 'M1' AS accession, 'MS2' AS ms_type, 47.05 AS precursor_mz, 'POSITIVE' AS ion_mode, '[M+H]+' AS adduct, "
        "'20 eV' AS collision_energy, 'Maxis' AS instrument, 'LC-ESI-QTOF' AS instrument_type, '1.5 min' AS retention_time, "
        "'Ethanol' AS name, 'CCO' AS smiles, NULL AS inchi, 'LFQSCWFLJHTTHZ-UHFFFAOYSA-N' AS inchikey, 'C2H6O' AS formula, "
        "702 AS pubchem_cid, 'Somebody' AS contributor, 'CC0' AS license, [50.5] AS mz, [1.0] AS intensity"
    ).write_parquet(str(path))
    (row,) = selected("massbank", path)
    assert {name: value for name, value in row.items() if name not in {"mz", "intensity", "precursor_mz"}} == {
        "native_id": "M1",
        "ms_level": 2,
        "ion_mode": "POSITIVE",
        "adduct": "[M+H]+",
        "collision_energy": "20 eV",
        "instrument": "Maxis",
        "instrument_type": "LC-ESI-QTOF",
        "retention_time_s": 90.0,
        "retention_time_unitless": None,
        "name": "Ethanol",
        "smiles": "CCO",
        "inchi": None,
        "inchikey": "LFQSCWFLJHTTHZ-UHFFFAOYSA-N",
        "formula": "C2H6O",
        "pubchem_cid": 702,
        "contributor": "Somebody",
        "source_license": "CC0",
        "run": "Somebody",
    }
    assert (float(row["precursor_mz"]), [*map(float, row["mz"])], [*map(float, row["intensity"])]) == (47.05, [50.5], [1.0])
