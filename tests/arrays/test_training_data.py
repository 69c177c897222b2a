import hashlib

import numpy as np
import pyarrow as pa
import pytest
from made_spectra import isomer_table, write_arrow

from spectradb.arrays.annotated_spectra import SplitConfig, is_unseen, load_training_data
from spectradb.errors import BadParameter


@pytest.fixture
def file(tmp_path):
    return write_arrow(isomer_table(n_windows=2), tmp_path / "d.arrow")


def test_a_file_becomes_arrays(file):
    data = load_training_data(file)
    assert len(data) == 2 * 4 * 3 * 2
    assert data.contributors == ["Here", "There", "Yonder"]
    assert data.analytes[data.analyte[0]] == "W000ISOMER0000"
    assert data.energy[0] == 20.0
    assert data.digest == hashlib.sha256(file.read_bytes()).hexdigest()
    assert data.high_resolution().all()


def test_taking_rows_takes_their_peaks(file):
    data = load_training_data(file)
    rows = np.array([5, 0, 17])
    taken = data.take(rows)
    for position, row in enumerate(rows):
        for name in ("mz", "intensity"):
            old = getattr(data.peaks, name)[data.peaks.offsets[row] : data.peaks.offsets[row + 1]]
            new = getattr(taken.peaks, name)[taken.peaks.offsets[position] : taken.peaks.offsets[position + 1]]
            assert new.tolist() == old.tolist()
    assert taken.peaks_hash.tolist() == rows.tolist()


def test_the_split_leaves_out_laboratories_molecules_and_licences(tmp_path):
    table = isomer_table(n_windows=20)
    licenses = ["CC BY-NC" if i % 5 == 0 else "CC0" for i in range(table.num_rows)]
    table = table.set_column(table.column_names.index("source_license"), "source_license", pa.array(licenses))
    data = load_training_data(write_arrow(table, tmp_path / "d.arrow"))
    split = SplitConfig(test_contributors=("There",), dev_contributors=("Yonder",), unseen_share=0.3, licenses=("CC0",))
    rows = data.training_rows(split)
    expected = [
        row
        for row in range(len(data))
        if data.contributors[data.contributor[row]] == "Here"
        and row % 5
        and not is_unseen(data.analytes[data.analyte[row]], 0.3)
    ]
    assert rows.tolist() == expected
    assert 0.1 < 1 - len({data.analyte[row] for row in rows}) / 80 < 0.5


def test_why_spectra_are_left_out(tmp_path):
    table = isomer_table(n_windows=1)
    modes = ["" if i == 0 else "positive" for i in range(table.num_rows)]
    licenses = ["CC BY-NC" if i < 2 else "CC0" for i in range(table.num_rows)]
    table = table.set_column(table.column_names.index("ion_mode"), "ion_mode", pa.array(modes))
    table = table.set_column(table.column_names.index("source_license"), "source_license", pa.array(licenses))
    data = load_training_data(write_arrow(table, tmp_path / "d.arrow"))
    split = SplitConfig(test_contributors=("There",), dev_contributors=("Yonder",), unseen_share=0.0, licenses=("CC0",))
    assert {name: int(reason.sum()) for name, reason in data.left_out(split).items()} == {
        "test_contributors": 8,
        "dev_contributors": 8,
        "unseen_analytes": 0,
        "license": 2,
        "unknown_ion_mode": 1,
    }
    # The spectrum without an ion mode is one of the two with another licence.
    assert len(data.training_rows(split)) == 24 - 8 - 8 - 2


def test_everything_but_the_test_contributors_can_be_trained_on(file):
    data = load_training_data(file)
    split = SplitConfig(test_contributors=("There",), dev_contributors=("Yonder",), unseen_share=0.0)
    assert len(data.training_rows(split)) == 16
    assert split.without().dev_contributors == ()
    assert data.training_rows(split.without()).tolist() == np.flatnonzero(~data.from_contributors(["There"])).tolist()
    folds = [split.without(name) for name in ("Here", "Yonder")]
    assert [data.contributors[data.contributor[data.training_rows(fold)[0]]] for fold in folds] == ["Yonder", "Here"]
    assert {len(data.training_rows(fold)) for fold in folds} == {16}


def test_mistakes_in_a_split_are_named():
    with pytest.raises(BadParameter, match="B cannot be among test_contributors and dev_contributors"):
        SplitConfig(test_contributors=("A", "B"), dev_contributors=("B",))
    for share in (1.0, -0.1):
        with pytest.raises(BadParameter, match=f"unseen_share is {share}"):
            SplitConfig(unseen_share=share)


def test_the_molecules_left_out_never_change():
    names = [f"MOLECULE{i:06d}" for i in range(2000)]
    assert [is_unseen(name, 0.05) for name in names[:40]] == [
        int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") / 2**64 < 0.05 for name in names[:40]
    ]
    assert sum(is_unseen(name, 0.05) for name in names) == pytest.approx(100, abs=35)


def test_what_is_wrong_with_a_file_is_said(tmp_path):
    (tmp_path / "no.arrow").write_bytes(b"spectra")
    with pytest.raises(BadParameter, match=r"no\.arrow: not an Arrow IPC file"):
        load_training_data(tmp_path / "no.arrow")
    write_arrow(isomer_table(n_windows=1).drop_columns(["contributor"]), tmp_path / "less.arrow")
    with pytest.raises(BadParameter, match=r"less\.arrow: no columns contributor"):
        load_training_data(tmp_path / "less.arrow")
