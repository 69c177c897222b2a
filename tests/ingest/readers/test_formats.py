import gzip
import subprocess
import sys
from pathlib import Path

import pytest

from spectradb.errors import NoSpectra, UnknownFormat, UnreadableFile
from spectradb.ingest.readers import formats
from spectradb.ingest.readers.raw import Problems

DATA = Path(__file__).parents[3] / ".." / "shared" / "data"

MGF = "BEGIN IONS\nPEPMASS=100.5\n50 1\nEND IONS\n"
MSP = "Name: x\nPrecursorMZ: 100.5\nNum Peaks: 1\n50 1\n\n"
MASSBANK = (
    "ACCESSION: MSBNK-Lab-1\nMS$FOCUSED_ION: PRECURSOR_M/Z 100.5\nPK$NUM_PEAK: 1\nPK$PEAK: m/z int. rel.int.\n  50 1 1\n//\n"
)
GNPS = '[\n  {"spectrum_id": "C1", "peaks_json": "[[50,1]]", "Precursor_MZ": "100.5"}\n]'
MONA = '[{"id": "X", "compound": [], "metaData": [{"name": "precursor m/z", "value": 100.5}], "spectrum": "50:1"}]'


def write(folder, name, text):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    data = text.encode()
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return path


@pytest.mark.parametrize(
    ("name", "text", "format_name"),
    [
        ("a.mgf", MGF, "MGF"),
        ("a.MGF", MGF, "MGF"),
        ("a.msp", MSP, "MSP"),
        ("a.txt", MASSBANK, "MassBank record"),
        ("a.txt", MSP, "MSP"),
        ("a.txt", MGF, "MGF"),
        ("a.json", GNPS, "GNPS JSON"),
        ("a.json", MONA, "MoNA JSON"),
    ],
)
@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_detected_and_read(tmp_path, name, text, format_name, suffix):
    path = write(tmp_path, name + suffix, text)
    reader = formats.detect(path)
    assert reader.name == format_name
    problems = Problems()
    (batch,) = reader.read(path, problems)
    assert problems.found == []
    row = batch.to_pylist()[0]
    assert (row["precursor_mz"], row["mz"], row["intensity"]) == (100.5, [50.0], [1.0])


@pytest.mark.parametrize(
    ("name", "text", "format_name"),
    [
        ("a.mzML", "", "mzML"),
        ("a.mzML.gz", "", "mzML"),
        ("a.mzXML", "", "mzXML"),
        ("a.mzSpecLib.txt", "", "mzSpecLib"),
        ("a.mzSpecLib.json", "", "mzSpecLib"),
        ("a.mzlib.txt", "", "mzSpecLib"),
        ("a.txt", "<mzSpecLib>\nMS:1003186|library format version=1.0\n", "mzSpecLib"),
        ("a.json", '{"analyte_attribute_sets": {}, "spectra": []}', "mzSpecLib"),
    ],
)
def test_detected(tmp_path, name, text, format_name):
    assert formats.detect(write(tmp_path, name, text)).name == format_name


@pytest.mark.parametrize("reader", formats.READERS.values(), ids=lambda reader: reader.name)
def test_every_reader_refuses_an_empty_file_of_its_suffix(tmp_path, reader):
    path = write(tmp_path, f"empty{reader.suffixes[0]}", "")
    with pytest.raises(UnreadableFile) as error:
        list(reader.read(path, Problems()))
    assert error.value.path == str(path)


def test_detecting_imports_no_reader():
    code = (
        "import pathlib, sys; from spectradb.ingest.readers import formats; formats.detect(pathlib.Path('a.mzML')); "
        "sys.exit(any(f'spectradb.ingest.{reader.module}' in sys.modules for reader in formats.READERS.values()))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("name", ["a.parquet", "a.csv", "a.tsv.gz"])
def test_tables_need_a_select(tmp_path, name):
    with pytest.raises(UnknownFormat, match=rf"{name}: .*Pass --select"):
        formats.detect(write(tmp_path, name, "a,b\n"))


def test_unknown_suffix_names_the_file_and_the_formats(tmp_path):
    with pytest.raises(UnknownFormat) as error:
        formats.detect(write(tmp_path, "a.raw", "?"))
    assert all(text in str(error.value) for text in ("a.raw", *formats.READERS, ".gz", "--select"))


@pytest.mark.parametrize(("name", "text"), [("a.json", '{"a": 1}'), ("notes.txt", "some notes")])
def test_content_that_fits_no_format(tmp_path, name, text):
    with pytest.raises(UnknownFormat, match=rf"{name}: its first lines fit none of the formats"):
        formats.detect(write(tmp_path, name, text))


@pytest.mark.parametrize("name", ["a.json", "a.txt", "a.json.gz"])
def test_empty_files_of_a_shared_suffix(tmp_path, name):
    with pytest.raises(UnreadableFile, match="byte 0: holds no spectrum"):
        formats.detect(write(tmp_path, name, ""))


def test_expand_sorts_and_passes_over_what_is_no_spectrum_file(tmp_path):
    lab = tmp_path / "lab"
    for name, text in [
        ("b/2.mgf", MGF),
        ("b/1.msp.gz", MSP),
        ("a.mzML", ""),
        ("c.txt", MASSBANK),
        ("README.txt", "notes"),
        ("empty.txt", ""),
        ("samples.csv", "a,b"),
        ("settings.json", '{"a": 1}'),
        ("z.json", GNPS),
        (".hidden/x.mgf", MGF),
        (".x.mgf", MGF),
    ]:
        write(lab, name, text)
    single = write(tmp_path, "other.raw", "?")
    found = list(formats.expand([single, lab]))
    assert found[0] == single
    assert [path.relative_to(lab).as_posix() for path in found[1:]] == ["a.mzML", "b/1.msp.gz", "b/2.mgf", "c.txt", "z.json"]


def test_expand_reports_broken_libraries_by_passing_them_on(tmp_path):
    path = write(tmp_path, "cut.json", "")
    assert list(formats.expand([tmp_path])) == [path]


def test_expand_without_anything(tmp_path):
    with pytest.raises(UnreadableFile, match="no such file or directory"):
        list(formats.expand([tmp_path / "missing.mgf"]))
    write(tmp_path, "samples.csv", "a,b")
    with pytest.raises(NoSpectra, match="no file in this directory is of a known format"):
        list(formats.expand([tmp_path]))


def test_what_vendors_write_is_to_be_converted(tmp_path):
    write(tmp_path, "plate/run1.d/analysis.tdf", "?")
    for path in (tmp_path / "plate", tmp_path / "plate" / "run1.d"):
        with pytest.raises(NoSpectra, match="A vendor's raw data are converted to centroided mzML first"):
            list(formats.expand([path]))
    for name in ("run1.d/analysis.tdf_bin", "run2.RAW", "run3.wiff"):
        with pytest.raises(UnknownFormat, match="A vendor's raw data are converted"):
            formats.detect(write(tmp_path, name, "?"))


def test_what_vendors_write_and_nobody_converted(tmp_path):
    raw = ("a/run1.d/analysis.tdf", "a/run2.raw", "b/run3.wiff", "b/run3.mgf", "b/run4.RAW", "b/run4.mzML.gz", ".old/run5.raw")
    for name in raw:
        write(tmp_path, name, "?")
    assert formats.unconverted([tmp_path]) == [tmp_path / "a" / "run1.d", tmp_path / "a" / "run2.raw"]
    assert formats.unconverted([tmp_path / "a" / "run2.raw", tmp_path / "b"]) == []


def test_every_shared_file_is_detected():
    if not DATA.exists():
        pytest.skip("the shared test data are not on this machine")
    expected = {
        "fixtures/mgf": "MGF",
        "fixtures/msp": "MSP",
        "fixtures/mzml": "mzML",
        "fixtures/mzxml": "mzXML",
        "fixtures/mzspeclib": "mzSpecLib",
        "massbank/records": "MassBank record",
    }
    for folder, name in expected.items():
        files = list(formats.expand([DATA / folder]))
        assert len(files) == sum(1 for file in (DATA / folder).iterdir())
        assert {formats.detect(file).name for file in files} == {name}
    names = {file.name: formats.detect(file).name for file in (DATA / "fixtures/json").iterdir()}
    assert names == {
        "gnps_faulknerlegacy.json": "GNPS JSON",
        "gnps_spectra.json": "GNPS JSON",
        "mona_curated_records.json": "MoNA JSON",
    }
