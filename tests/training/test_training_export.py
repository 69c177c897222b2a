import duckdb
import pyarrow as pa
import pytest

from spectradb import schemas
from spectradb.arrays.annotated_spectra import COLUMNS, load_training_data
from spectradb.errors import NoCollection, NoLab, NoSpectra
from spectradb.training.export import export_training_data, library_names

ROW = {
    "collection": "lib",
    "precursor_mz": 195.0877,
    "precursor_check": "agrees",
    "ion_mode": "positive",
    "contributor": "Lab",
    "source_license": "CC0",
    "instrument_type": "LC-ESI-QTOF",
    "collision_energy_ev": 20.0,
    "n_peaks": 2,
    "tic": 3.0,
    "import_id": "i",
    "ms_level": 2,
    "mz": [100.0, 110.0],
    "intensity": [1.0, 2.0],
    "analyte_id": "RYYVLZVUVIJVGH",
}


def published(file, rows):
    with duckdb.connect(str(file)) as con:
        con.execute(schemas.read("tables/spectra/spectra"))
        con.execute(schemas.read("tables/collections/libraries"))
        con.execute(schemas.read("tables/analytes/analytes"))
        for name in {row.get("collection", ROW["collection"]) for row in rows} - {"study"}:
            con.execute("INSERT INTO libraries (name, peak_recipe, created) VALUES (?, '', '2026-01-01')", [name])
        for number, changes in enumerate(rows, start=1):
            row = {**ROW, "spectrum_id": number, "native_id": str(number), "peaks_hash": number, **changes}
            names, marks = ", ".join(row), ", ".join("?" * len(row))
            con.execute(f"INSERT INTO spectra ({names}) VALUES ({marks})", list(row.values()))
    return file


def test_known_ms2_spectra_that_are_no_copies_are_exported_in_order(tmp_path):
    lab = published(
        tmp_path / "lab.duckdb",
        [
            {"spectrum_id": 9},
            {"analyte_id": None},
            {"ms_level": 3},
            {"duplicate_of": 9},
            {"spectrum_id": 5, "contributor": None, "source_license": None, "instrument_type": None},
        ],
    )
    assert export_training_data(lab, tmp_path / "d.arrow") == 2
    table = pa.ipc.open_file(str(tmp_path / "d.arrow")).read_all()
    assert table.schema.equals(pa.schema(COLUMNS))
    assert table["spectrum_id"].to_pylist() == [5, 9]
    data = load_training_data(tmp_path / "d.arrow")
    assert data.contributors == ["", "Lab"]
    assert data.peaks.mz.tolist() == [100.0, 110.0, 100.0, 110.0]
    assert data.analytes == ["RYYVLZVUVIJVGH"]


def test_nothing_to_train_on_is_said(tmp_path):
    with pytest.raises(NoLab, match=r"lab\.duckdb: no such file"):
        export_training_data(tmp_path / "lab.duckdb", tmp_path / "d.arrow")
    with pytest.raises(NoSpectra, match="no spectrum has an analyte"):
        export_training_data(published(tmp_path / "lab.duckdb", [{"analyte_id": None}]), tmp_path / "d.arrow")


def test_libraries_are_chosen_by_name(tmp_path):
    rows = [{"spectrum_id": number, "collection": name} for number, name in ((3, "a"), (1, "b"), (2, "study"))]
    lab = published(tmp_path / "lab.duckdb", rows)
    file = tmp_path / "d.arrow"

    def exported(libraries):
        n = export_training_data(lab, file, libraries=libraries)
        ids = pa.ipc.open_file(str(file)).read_all()["spectrum_id"].to_pylist()
        assert n == len(ids)
        return ids

    assert exported(None) == [1, 2, 3]
    assert exported(["a"]) == [3]
    assert exported(["a", "b"]) == [1, 3]
    assert library_names(lab) == ["a", "b"]
    with pytest.raises(NoCollection, match=r"the lab has no library 'c'; it has: a, b"):
        export_training_data(lab, file, libraries=["study", "c", "a"])
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["d.arrow", "lab.duckdb"]
