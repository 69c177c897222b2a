"""What no file of spectra holds is refused or costs its record alone, whichever format it stands in."""

import gzip
import json
import zlib

import pytest
from made_files import entry, write_mgf

from spectradb.errors import UnreadableFile
from spectradb.ingest.files.file_reading import FileJob, FileReading
from spectradb.ingest.readers import json_items, limits
from spectradb.ingest.spectra.peaks import PeakRecipe


def read(path):
    """Names of the spectra of a file, and what was noted of the others."""
    reading = FileReading(FileJob(file=path, run=None, collection="st", kind="study", recipe=PeakRecipe(), ion_mode="positive"))
    names = [name for table in reading.tables() for name in table.column("native_id").to_pylist()]
    return names, {reason: n for (outcome, reason), n in reading.tally.counts.items() if outcome == "dropped"}


def test_what_a_compressed_file_inflates_to_is_limited(tmp_path, monkeypatch):
    text = "".join(entry(f"R{i}", seed=i, precursor_mz=200.1) for i in range(200)).encode()
    path = tmp_path / "a.mgf.gz"
    path.write_bytes(gzip.compress(text))
    assert len(read(path)[0]) == 200
    monkeypatch.setattr(limits, "INFLATED_BYTES", len(text) // 2)
    monkeypatch.setattr(limits, "INFLATED_TIMES", 1)
    with pytest.raises(
        UnreadableFile, match=r"a\.mgf\.gz.*inflates to more than .* 1 times its size .*decompress it \(gzip -d\)"
    ):
        read(path)
    path.write_bytes(text)
    assert len(read(path)[0]) == 200


def test_all_readers_of_compressed_files_have_that_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "INFLATED_BYTES", 10_000)
    monkeypatch.setattr(limits, "INFLATED_TIMES", 1)
    blank = b" " * 100_000
    contents = {
        "a.msp.gz": b"NAME: a\nNum Peaks: 1\n" + blank,
        "a.ms.gz": b">compound a\n" + blank,
        "a.txt.gz": b"ACCESSION: MSBNK-Made_Up-1\n" + blank,
        "a.json.gz": b'[{"spectrum_id": "a"}' + blank,
        "a.mzML.gz": b"<mzML>" + blank,
        "a.mzXML.gz": b"<mzXML>" + blank,
    }
    for name, content in contents.items():
        path = tmp_path / name
        path.write_bytes(gzip.compress(content))
        with pytest.raises(UnreadableFile, match="inflates to more than"):
            read(path)


def test_a_line_that_does_not_end_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "LINE_BYTES", 100_000)
    path = write_mgf(tmp_path / "a.mgf", entry("R1", seed=1, precursor_mz=200.1))
    whole = path.read_text()
    path.write_text(whole + "TITLE=" + "x" * 90_000 + "\n")
    assert read(path)[0] == ["R1"]
    path.write_text(whole + "TITLE=" + "x" * 300_000)
    with pytest.raises(UnreadableFile, match=r"a\.mgf.*a line is longer than 0 MB"):
        read(path)


def test_a_record_of_a_json_document_has_an_end(tmp_path, monkeypatch):
    monkeypatch.setattr(json_items, "RECORD_CHARACTERS", 1_000_000)
    record = {"spectrum_id": "A", "Precursor_MZ": "200.1", "peaks_json": "[[50.5, 1], [60.5, 2]]"}
    path = tmp_path / "a.json"
    path.write_text(json.dumps([record, {**record, "spectrum_id": "B", "comment": "x" * 500_000}]))
    assert read(path)[0] == ["A", "B"]
    path.write_text(json.dumps([record, {**record, "spectrum_id": "B", "comment": "x" * 5_000_000}]))
    with pytest.raises(UnreadableFile, match=r"record 2: it is longer than 0 million characters"):
        read(path)


def test_an_array_of_peaks_has_an_end(monkeypatch):
    packed = zlib.compress(b"\x00" * 1_000)
    assert limits.inflate(packed) == zlib.decompress(packed)
    with pytest.raises(zlib.error, match="incomplete"):
        limits.inflate(packed[:-4])
    monkeypatch.setattr(limits, "ARRAY_BYTES", 999)
    with pytest.raises(ValueError, match="inflates to more than"):
        limits.inflate(packed)


DIGITS = "9" * 5_000
MSP = "NAME: {name}\nPRECURSORMZ: 200.1\nNum Peaks: {count}\n50.5 1\n\n"
MASSBANK = (
    "ACCESSION: {name}\nMS$FOCUSED_ION: PRECURSOR_M/Z 200.1\nPK$NUM_PEAK: {count}\nPK$PEAK: m/z int. rel.int.\n  50.5 1 1\n//\n"
)
GNPS = '{{"spectrum_id": "{name}", "Precursor_MZ": 200.1, "peaks_json": [[50.5, {count}]]}}\n'


@pytest.mark.parametrize(("file", "text"), [("a.msp", MSP), ("a.txt", MASSBANK), ("a.json", GNPS)])
def test_a_number_of_thousands_of_digits_costs_its_record(tmp_path, file, text):
    (tmp_path / file).write_text(text.format(name="a", count=DIGITS) + text.format(name="b", count=1))
    names, dropped = read(tmp_path / file)
    assert len(names) == 1
    assert sum(dropped.values()) == 1
