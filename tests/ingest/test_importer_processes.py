import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest
from made_files import numbered, one, published_rows, write_mgf

from spectradb.errors import BadParameter, NoSpectra
from spectradb.facade.lab import connect
from spectradb.ingest.files import file_workers
from spectradb.ingest.files.file_reading import FileJob
from spectradb.ingest.files.file_workers import WORTH_A_PROCESS, SpooledReading, processes_for, reading
from spectradb.ingest.spectra.peaks import PeakRecipe

TRUNCATED_MZML = '<?xml version="1.0"?>\n<mzML><run><spectrumList count="2"><spectrum index="0" id="scan=1"'


def job(file, *, kind="library"):
    return FileJob(file=file, run=None, collection="lib", kind=kind, recipe=PeakRecipe())


def outcomes(report):
    return [(o.file_name, o.outcome, o.reason, o.n, o.example, o.explanation) for o in report.outcomes]


def is_running(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    with open(f"/proc/{pid}/stat") as file:  # noqa: PTH123 - may vanish in between
        return file.read().rsplit(")", 1)[1].split()[0] != "Z"


@pytest.fixture
def files(tmp_path):
    """Files that share spectra, one that breaks off, one with records that cannot be read, one with nothing new."""
    broken = tmp_path / "broken.mzML"
    broken.write_text(TRUNCATED_MZML)
    b = numbered(tmp_path / "b.mgf", 20, first=25)  # five of them are in a.mgf
    b.write_text(b.read_text() + "BEGIN IONS\n50 oops\nEND IONS\n")
    c = write_mgf(tmp_path / "c.mgf", *[numbered(tmp_path / "part.mgf", 4, prefix="S", first=9).read_text()])
    return [numbered(tmp_path / "a.mgf", 30), broken, b, c]


def test_the_same_rows_and_the_same_report_as_by_one_process(tmp_path, files):
    with connect(tmp_path / "one", create=True) as alone, connect(tmp_path / "three", create=True) as together:
        first = alone.import_library("lib", files, processes=1)
        second = together.import_library("lib", files, processes=3)
        assert (second.n_read, second.n_kept, len(second.failures)) == (55, 45, 1)
        assert outcomes(second) == outcomes(first)
        assert second.lines() == first.lines()
        assert together.record.read("spectra").equals(alone.record.read("spectra"))
        assert published_rows(together.published) == published_rows(alone.published)
        assert [entry for entry in together.locks.iterdir() if entry.is_dir()] == []


def test_nothing_kept(tmp_path, fresh_lab):
    for name in ("a", "b"):
        (tmp_path / f"{name}.mzML").write_text(TRUNCATED_MZML)
    with pytest.raises(NoSpectra, match="failed file"):
        fresh_lab.import_library("lib", [tmp_path / "a.mzML", tmp_path / "b.mzML"], processes=2)


def test_an_ion_mode_that_does_not_exist_is_the_callers_error(tmp_path, fresh_lab):
    two = [numbered(tmp_path / f"{name}.mgf", 3) for name in "ab"]
    with pytest.raises(BadParameter, match="use 'positive' or 'negative'"):
        fresh_lab.import_library("lib", two, ion_mode="both", processes=2)
    assert one(fresh_lab, "FROM spectra") == []


def test_a_process_that_dies_costs_its_file_only(tmp_path, monkeypatch):
    """As when the machine runs out of memory; the next file gets a new process."""
    two = [numbered(tmp_path / f"{name}.mgf", 3) for name in "ab"]
    ask = file_workers._ask

    def dying(worker, job, spool):
        if job.file.name == "a.mgf":
            worker.process.kill()
            worker.process.wait()
        return ask(worker, job, spool)

    monkeypatch.setattr(file_workers, "_ask", dying)
    with reading([job(file) for file in two], tmp_path / "spool", processes=1) as found:
        a, b = list(found)
    assert (
        "a.mgf: the process that read it ended in the middle: it was killed (signal 9), as systems do when memory" in a.failure
    )
    assert "--processes 1" in a.failure
    assert (b.failure, b.tally.counts["kept", ""]) == (None, 3)


def test_files_are_read_a_bounded_number_ahead_and_their_streams_removed(tmp_path):
    jobs = [job(numbered(tmp_path / f"{i}.mgf", 3, prefix=f"L{i}-")) for i in range(7)]
    most, ids = 0, []
    with reading(jobs, tmp_path / "spool", processes=1) as found:
        for findings in found:
            ids += [table["native_id"].to_pylist() for table in SpooledReading(findings).tables()]
            time.sleep(0.05)
            most = max(most, len(list((tmp_path / "spool").iterdir())))
    assert ids == [[f"L{i}-{j}" for j in range(3)] for i in range(7)]
    assert 1 <= most <= 3
    assert not (tmp_path / "spool").exists()


@pytest.mark.parametrize(
    ("sizes", "asked", "expected"),
    [
        ((10,), 3, 3),
        ((10,), None, 1),
        ((2 * WORTH_A_PROCESS,), None, 2),
        ((10, 10, 10), 8, 3),
        ((10, 10, 10), 2, 2),
        ((10, 10, 10), None, 1),
        ((WORTH_A_PROCESS,) * 3, None, 2),
        ((), None, 1),
    ],
)
def test_how_many_processes(tmp_path, monkeypatch, sizes, asked, expected):
    monkeypatch.setattr(file_workers, "_cores", lambda: 2)
    files = [tmp_path / str(i) for i in range(len(sizes))]
    for file, size in zip(files, sizes, strict=True):
        with file.open("wb") as out:
            out.truncate(size)
    assert processes_for(files, asked=asked) == expected


def test_no_process_is_too_few(tmp_path, fresh_lab):
    with pytest.raises(BadParameter, match="0 processes cannot read anything"):
        fresh_lab.import_library("lib", numbered(tmp_path / "a.mgf", 3), processes=0)


# A shell that starts the tests in the background has them, and all that they start, ignore interrupts.
IMPORTING = textwrap.dedent("""
    import signal
    import sys
    from spectradb.ingest.files import file_workers
    from spectradb.facade.lab import connect
    ask = file_workers._ask
    def told(worker, job, spool):
        print(worker.process.pid, flush=True)
        return ask(worker, job, spool)
    file_workers._ask = told
    signal.signal(signal.SIGINT, signal.default_int_handler)
    connect(sys.argv[1]).import_study("st", sys.argv[2:], processes=2)
""")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_stopped_in_the_middle(tmp_path, how):
    files = [str(numbered(tmp_path / f"{name}.mgf", 3_000, first=i * 3_000)) for i, name in enumerate("abcd")]
    with connect(tmp_path / "lab", create=True):
        pass
    command = [sys.executable, "-c", IMPORTING, str(tmp_path / "lab"), *files]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    workers = [int(process.stdout.readline()) for _ in range(2)]
    time.sleep(0.3)
    process.send_signal(how)
    process.wait(60)
    process.stdout.close()
    assert process.returncode != 0
    deadline = time.monotonic() + 30
    while any(map(is_running, workers)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(is_running, workers))
    with connect(tmp_path / "lab") as lab:
        assert one(lab, "FROM spectra") == []
        report = lab.import_study("st", numbered(tmp_path / "e.mgf", 5), processes=1)
        assert (report.n_kept, one(lab, "SELECT count(*) FROM spectra")) == (5, [5])
        assert [entry for entry in lab.locks.iterdir() if entry.is_dir()] == []


@pytest.fixture
def large_file(tmp_path):
    """One file of several batches, with a record that cannot be read in its middle and one identifier twice."""
    parts = [numbered(tmp_path / "first.mgf", 2500), numbered(tmp_path / "second.mgf", 2500, first=2490)]
    first, second = (part.read_text() for part in parts)
    for part in parts:
        part.unlink()
    file = tmp_path / "large.mgf"
    file.write_text(first + "BEGIN IONS\n50 oops\nEND IONS\n" + second)
    return file


def test_a_single_file_is_shared_by_processes(tmp_path, large_file):
    with connect(tmp_path / "one", create=True) as alone, connect(tmp_path / "three", create=True) as together:
        first = alone.import_library("lib", large_file, processes=1)
        second = together.import_library("lib", large_file, processes=3)
        assert (second.n_read, second.n_kept) == (5001, 4990)
        assert outcomes(second) == outcomes(first)
        assert together.record.read("spectra").equals(alone.record.read("spectra"))
        assert [entry for entry in together.locks.iterdir() if entry.is_dir()] == []


def test_a_single_file_that_breaks_off_is_told_as_by_one_process(tmp_path, fresh_lab):
    file = tmp_path / "broken.mzML"
    file.write_text(TRUNCATED_MZML)
    with pytest.raises(NoSpectra) as alone:
        fresh_lab.import_library("lib", file, processes=1)
    with pytest.raises(NoSpectra) as together:
        fresh_lab.import_library("lib", file, processes=2)
    assert str(together.value) == str(alone.value)
    assert "broken.mzML" in str(alone.value)


def test_a_process_that_dies_over_a_single_file_costs_the_file(tmp_path, fresh_lab, monkeypatch, large_file):
    ask = file_workers._ask

    def dying(worker, job, asked):
        worker.process.kill()
        worker.process.wait()
        return ask(worker, job, asked)

    monkeypatch.setattr(file_workers, "_ask", dying)
    with pytest.raises(
        NoSpectra, match=r"large\.mgf: the process that read it ended in the middle: it was killed \(signal 9\)"
    ):
        fresh_lab.import_library("lib", large_file, processes=2)
    assert one(fresh_lab, "FROM spectra") == []


def test_a_setting_that_does_not_exist_is_the_callers_error_where_a_file_is_shared(fresh_lab, large_file):
    with pytest.raises(BadParameter, match="use 'positive' or 'negative'"):
        fresh_lab.import_library("lib", large_file, ion_mode="both", processes=2)
