"""mzMLb: what psims writes, predictions, and files that were cut."""

import sys

import numpy as np
import pytest

from spectradb.errors import MissingDependency, UnreadableFile
from spectradb.ingest.readers import formats
from spectradb.ingest.readers.raw import Problems

h5py = pytest.importorskip("h5py")
pytest.importorskip("hdf5plugin")
psims_mzmlb = pytest.importorskip("psims.mzmlb")

SPECTRA = [([100.5, 200.25], [1.0, 2.0], 300.5), ([50.5, 60.75, 70.5, 90.25], [1.0, 2.0, 3.0, 4.0], 400.5)]
MZ = "spectrum_MS_1000514_float64"


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    path = tmp_path_factory.mktemp("mzmlb") / "x.mzMLb"
    with psims_mzmlb.MzMLbWriter(str(path)) as out:
        out.controlled_vocabularies()
        out.file_description(["MSn spectrum"])
        out.software_list([{"id": "psims", "version": "1", "params": ["python-psims"]}])
        source = out.Source(1, ["electrospray ionization"])
        out.instrument_configuration_list([out.InstrumentConfiguration("IC1", [source], params=["Orbitrap Fusion"])])
        methods = [out.ProcessingMethod(1, "psims", ["Conversion to mzML"])]
        out.data_processing_list([out.DataProcessing(methods, id="DP")])
        with out.run(id="r", instrument_configuration="IC1"), out.spectrum_list(count=len(SPECTRA)):
            for number, (mz, intensity, precursor) in enumerate(SPECTRA, 1):
                out.write_spectrum(
                    np.array(mz),
                    np.array(intensity),
                    id=f"scan={number}",
                    polarity=1,
                    centroided=True,
                    params=[{"ms level": 2}],
                    scan_start_time=float(number),
                    scan_params=[{"inverse reduced ion mobility": 0.75}] if number == 1 else [],
                    precursor_information={
                        "mz": precursor,
                        "charge": 1,
                        "intensity": 1e5,
                        "activation": ["beam-type collision-induced dissociation", {"collision energy": 30}],
                        "isolation_window": [0.5, precursor, 0.5],
                    },
                )
    return path


@pytest.fixture
def copy(written, tmp_path):
    """A copy, to damage."""
    path = tmp_path / "x.mzMLb"
    path.write_bytes(written.read_bytes())
    return path


def read(path):
    problems = Problems()
    rows = [row for batch in formats.detect(path).read(path, problems) for row in batch.to_pylist()]
    return rows, [(problem.place, problem.reason) for problem in problems.found]


def replace(path, name, values):
    with h5py.File(path, "r+") as file:
        del file[name]
        file[name] = values


def test_spectra_are_as_written(written):
    rows, problems = read(written)
    assert problems == []
    columns = (
        "native_id",
        "ms_level",
        "precursor_mz",
        "charge",
        "ion_mode",
        "retention_time_s",
        "collision_energy",
        "instrument",
    )
    assert [tuple(row[column] for column in columns) for row in rows] == [
        ("scan=1", 2, 300.5, 1, "positive", 60.0, "30 eV", "Orbitrap Fusion"),
        ("scan=2", 2, 400.5, 1, "positive", 120.0, "30 eV", "Orbitrap Fusion"),
    ]
    assert [(row["mz"], row["intensity"]) for row in rows] == [(mz, intensity) for mz, intensity, _ in SPECTRA]
    told = [(row["ion_mobility"], row["ion_mobility_type"]) for row in rows]
    assert told == [(0.75, "inverse reduced ion mobility"), (None, None)]
    assert {row["precursor_intensity"] for row in rows} == {1e5}
    assert (rows[0]["isolation_window_lower"], rows[0]["isolation_window_upper"]) == (300.0, 301.0)


@pytest.mark.parametrize(
    ("kind", "stored"),
    [
        # Less the item before, plus the first; less what the two before predict, plus the second.
        ("delta", [50.5, 60.75, 60.25, 70.25]),
        ("linear", [50.5, 60.75, 60.25, 70.75]),
    ],
)
def test_predicted_arrays_are_restored(copy, kind, stored):
    with h5py.File(copy) as file:
        xml = file["mzML"][:].tobytes()
    term = f"truncation, {kind} prediction and zlib compression".encode()
    replace(copy, "mzML", np.frombuffer(xml.replace(b"zlib compression", term), dtype="i1"))
    replace(copy, MZ, np.array([100.5, 200.25, *stored]))
    rows, problems = read(copy)
    assert (problems, [row["mz"] for row in rows]) == ([], [mz for mz, *_ in SPECTRA])


def test_a_data_set_that_was_cut_is_told(copy):
    replace(copy, MZ, np.array([100.5, 200.25, 50.5]))
    rows, problems = read(copy)
    assert [row["native_id"] for row in rows] == ["scan=1"]
    assert problems == [
        (
            "spectrum 2",
            f"scan=2: its peaks cannot be read: the data set '{MZ}' ends before item 6: the file may have been cut",
        )
    ]


def test_a_missing_data_set_is_told(copy):
    with h5py.File(copy, "r+") as file:
        del file[MZ]
    rows, problems = read(copy)
    assert rows == []
    assert [reason.partition("read: ")[2] for _, reason in problems] == [f"the file has no data set '{MZ}'"] * 2


def test_other_files_are_refused(tmp_path, written, monkeypatch):
    (tmp_path / "text.mzmlb").write_text("<mzML/>")
    with pytest.raises(UnreadableFile, match="it is no HDF5 file, or a damaged one"):
        read(tmp_path / "text.mzmlb")
    h5py.File(tmp_path / "other.mzmlb", "w").close()
    with pytest.raises(UnreadableFile, match="it is an HDF5 file without the data set mzML"):
        read(tmp_path / "other.mzmlb")
    monkeypatch.setitem(sys.modules, "hdf5plugin", None)
    with pytest.raises(MissingDependency, match=r"Install it with `pip install 'spectradb\[mzmlb\]'`"):
        read(written)
