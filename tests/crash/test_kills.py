"""Verbs killed at any moment: nothing is lost, nothing doubled, and no reader fails.

The suite kills each verb a few times. ``SPECTRADB_KILLS=40 python -m pytest tests/crash -s`` kills each that often, and tells
what the kills hit.
"""

import os
import random
import time
from collections import Counter

import killing
import pytest
from made_files import numbered, published_rows

from spectradb.facade.lab import connect

pytestmark = pytest.mark.long

KILLS = int(os.environ.get("SPECTRADB_KILLS", "4"))
KILLS_PER_ROUND = 4  # before a verb is run to its end
N = 600

# What is done for each verb, round by round; {i} is the round.
ROUNDS = {
    "import_": {"name": "lib{i}", "file": "{files}/lib{i}.mgf"},
    "embed": {"model": "toy{i}", "seconds": 0.01},
    "identify": {"model": "toy0", "name": "search{i}"},
    "publish": {},
    "remove": {"kind": "library", "name": "lib{i}"},
}


def arguments(verb, i, files):
    return {key: value.format(i=i, files=files) if isinstance(value, str) else value for key, value in ROUNDS[verb].items()}


def prepare(verb, lab, files, i):
    """Do what has to be done before a round without being published."""
    if verb == "publish":
        killing.run(lab, "import_unpublished", name=f"late{i}", file=str(files / f"late{i}.mgf"))


def rounds():
    return max(1, -(-KILLS // KILLS_PER_ROUND))


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """One file of N spectra for each collection; the first study shares its molecules with the first library."""
    directory = tmp_path_factory.mktemp("files")
    for i in range(rounds()):
        numbered(directory / f"lib{i}.mgf", N, prefix=f"L{i}-", first=i)
        numbered(directory / f"late{i}.mgf", N, prefix=f"T{i}-", first=i)
    numbered(directory / "study0.mgf", N, prefix="Q", first=7)
    return directory


def begin_lab(path, files):
    connect(path, create=True)
    killing.run(path, "import_", name="study0", file=str(files / "study0.mgf"), kind="study")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory, files):
    """The same work without kills: its lab after each verb, and how long each verb took."""
    path = tmp_path_factory.mktemp("undisturbed") / "lab"
    begin_lab(path, files)
    rows, seconds = {}, {}
    for verb in ROUNDS:
        for i in range(rounds()):
            prepare(verb, path, files, i)
            took = killing.run(path, verb, **arguments(verb, i, files))
            seconds[verb] = max(seconds.get(verb, 0.0), took)
        rows[verb] = published_rows(path / "lab.duckdb")
    return rows, seconds


@pytest.fixture(scope="module")
def disturbed(tmp_path_factory, files):
    """A lab that the tests of this module work on one after another, in the order of ROUNDS."""
    path = tmp_path_factory.mktemp("disturbed") / "lab"
    begin_lab(path, files)
    return path


@pytest.mark.parametrize("verb", ROUNDS)
def test_kills(verb, disturbed, undisturbed, files):
    expected, seconds = undisturbed
    chance = random.Random(f"kills {verb}")
    hit, left = Counter(), Counter()
    with killing.readers(disturbed / "lab.duckdb", N) as told:
        for i in range(rounds()):
            prepare(verb, disturbed, files, i)
            for _ in range(KILLS_PER_ROUND):
                # Most of the time goes into publishing; the square makes kills of what comes before more frequent.
                delay = seconds[verb] * chance.random() ** 2
                at_work = killing.kill(disturbed, verb, delay, **arguments(verb, i, files))
                hit["at work" if at_work else "already done"] += 1
                left.update(killing.remains(disturbed) if at_work else ())
            killing.run(disturbed, verb, **arguments(verb, i, files))
    print(f"\n{verb}: kills {dict(hit)}, left behind {dict(left)}, {told}")
    assert hit["at work"] > 0
    assert told["opened and read"] > 10
    assert published_rows(disturbed / "lab.duckdb") == expected[verb]
    assert killing.remains(disturbed) == set()
    assert connect(disturbed).publish(rebuild=True).copied == ()
    assert published_rows(disturbed / "lab.duckdb") == expected[verb]


def test_nothing_is_doubled_in_the_record_either(disturbed):
    record = connect(disturbed).record
    for table, key in (
        ("spectra", "spectrum_id"),
        ("structures", "structure_id"),
        ("imports", "import_id"),
        ("libraries", "name"),
        ("runs", "run_id"),
        ("models", "name"),
        ("properties", "name"),
        ("searches", "search_id"),
    ):
        keys = record.read(table, columns=[key])[key].to_pylist()
        assert len(keys) == len(set(keys)), table


def test_a_lab_killed_while_it_is_made(tmp_path):
    path = tmp_path / "lab"
    seconds = killing.run(tmp_path / "other", "init")
    chance = random.Random("kills init")
    hit = Counter()
    for _ in range(KILLS):
        hit[killing.kill(path, "init", chance.uniform(0, seconds))] += 1
    killing.run(path, "init")
    assert hit[True] > 0
    with connect(path) as lab:
        assert lab.import_library("lib", numbered(tmp_path / "a.mgf", 3)).n_kept == 3
        assert lab.sql("SELECT count(*) FROM spectra").fetchall() == [(3,)]


# Several writers at once


def test_imports_into_different_collections_at_once(tmp_path):
    path = tmp_path / "lab"
    connect(path, create=True)
    files = {f"lib{i}": numbered(tmp_path / f"lib{i}.mgf", N, prefix=f"L{i}-") for i in range(3)}
    for _ in range(2):
        # The second time over, every process finds its import done.
        processes = [killing.begin(path, "import_", name=name, file=str(file)) for name, file in files.items()]
        for process in processes:
            process.join(120)
        assert [process.exitcode for process in processes] == [0, 0, 0]
    with killing.open_lab(path / "lab.duckdb") as con:
        assert killing.state(con, N)[0] == {"lib0": N, "lib1": N, "lib2": N}
        assert con.execute("SELECT count(*), count(DISTINCT structure_id) FROM structures").fetchall() == [(12, 12)]


def test_the_same_import_twice_at_once(tmp_path):
    path = tmp_path / "lab"
    file = str(numbered(tmp_path / "a.mgf", N))
    # The lab is made by whoever comes first.
    processes = [killing.begin(path, "init") for _ in range(3)]
    for process in processes:
        process.join(120)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    processes = [killing.begin(path, "import_", name="lib", file=file) for _ in range(2)]
    for process in processes:
        process.join(120)
    assert [process.exitcode for process in processes] == [0, 0]
    with killing.open_lab(path / "lab.duckdb") as con:
        assert killing.state(con, N)[0] == {"lib": N}


@pytest.mark.parametrize("embedded_before", [False, True])
def test_an_import_during_an_embed(tmp_path, embedded_before):
    path = tmp_path / "lab"
    connect(path, create=True)
    files = [str(numbered(tmp_path / f"{i}.mgf", N, prefix=f"L{i}-")) for i in range(3)]
    if embedded_before:
        killing.run(path, "import_", name="lib2", file=files[2])
        killing.run(path, "embed", model="toy")
    killing.run(path, "import_", name="lib0", file=files[0])
    embedding = killing.begin(path, "embed", model="toy", seconds=0.3)
    time.sleep(0.3)
    killing.run(path, "import_", name="lib1", file=files[1])
    assert embedding.is_alive()
    embedding.join(120)
    assert embedding.exitcode == 0
    killing.run(path, "embed", model="toy")
    n = 3 * N if embedded_before else 2 * N
    with killing.open_lab(path / "lab.duckdb") as con:
        collections, vectors, _ = killing.state(con, N)
        assert sum(collections.values()) == sum(vectors.values()) == n
        (norms,) = con.execute(
            "SELECT list(DISTINCT round(list_sum([x * x FOR x IN embedding_toy::FLOAT[]]), 1)) FROM spectra"
        ).fetchall()[0]
        assert norms == [1.0]


def test_searches_of_one_name_at_once(tmp_path):
    path = tmp_path / "lab"
    connect(path, create=True)
    killing.run(path, "import_", name="lib0", file=str(numbered(tmp_path / "a.mgf", 300)))
    killing.run(path, "import_", name="study0", file=str(numbered(tmp_path / "b.mgf", 300, prefix="Q")), kind="study")
    killing.run(path, "embed", model="toy")
    processes = [killing.begin(path, "identify", model="toy", name="s") for _ in range(4)]
    for process in processes:
        process.join(120)
    # Who comes while one is made is refused, who comes later finds it; there is one in the end, whole.
    assert [process.exitcode for process in processes].count(0) >= 1
    killing.run(path, "identify", model="toy", name="s")
    with killing.open_lab(path / "lab.duckdb") as con:
        _, _, hits = killing.state(con, 300)
        assert list(hits) == ["s"]
