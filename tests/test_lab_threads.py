"""One lab serves many threads: each call has a connection of its own, whatever others ask and publish meanwhile."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import duckdb
import pytest
import tiny_lab

from spectradb import schemas
from spectradb.facade.lab import connect

pytestmark = pytest.mark.long

THREADS, CALLS = 8, 50
PUBLISHING = """
import sys
import time
from spectradb.facade.lab import connect
with connect(sys.argv[1]) as lab:
    while True:
        lab.publish(rebuild=True)
        print("published", flush=True)
        time.sleep(0.5)
"""

SPECTRA = {
    "leucine": ([43.0542, 44.0495, 86.0964], [20.0, 30.0, 1000.0], 132.1019),
    "isoleucine": ([41.0386, 57.0699, 69.0699, 86.0964], [60.0, 90.0, 700.0, 1000.0], 132.1019),
    "caffeine": ([110.0713, 138.0662], [30.0, 1000.0], 195.0877),
}


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    folder = tmp_path_factory.mktemp("threads")
    with tiny_lab.build(folder) as lab:
        (folder / "query.mgf").write_text(
            "BEGIN IONS\nTITLE=one\nPEPMASS=132.1019\nCHARGE=1+\n43.0542 20\n86.0964 1000\nEND IONS\n", encoding="utf-8"
        )
        yield lab


def ask(lab, number):
    """Ask one of many questions; which one depends on the number."""
    name = list(SPECTRA)[number % len(SPECTRA)]
    mz, intensity, precursor_mz = SPECTRA[name]
    kind = number % 7
    if kind == 0:
        return lab.search_file(lab.path.parent / "query.mgf", library="reference").hits.to_pylist()
    if kind == 1:
        return lab.sql("SELECT count(*), sum(precursor_mz) FROM spectra WHERE n_peaks > $n", {"n": number % 5}).fetchall()
    if kind == 2:
        return lab.sql("SELECT * FROM identify('kitchen', 'reference', k := $k)", {"k": 1 + number % 3}).fetchall()
    ways = {3: {}, 4: {"method": "cosine_greedy"}, 5: {"method": "entropy_similarity", "ppm": None}, 6: {"ppm": None}}
    return lab.search(mz, intensity, precursor_mz, library="reference", k=2, **ways[kind]).to_pylist()


def test_answers_of_many_threads_are_those_of_one(lab):
    numbers = [(7 * thread + call) % 21 for thread in range(THREADS) for call in range(CALLS)]
    expected = {number: ask(lab, number) for number in range(21)}
    assert len({str(rows) for rows in expected.values()}) > 12
    publisher = subprocess.Popen([sys.executable, "-c", PUBLISHING, str(lab.path)], stdout=subprocess.PIPE, text=True)
    try:
        assert publisher.stdout.readline() == "published\n"
        before = lab.published.stat().st_mtime_ns
        with ThreadPoolExecutor(THREADS) as pool:
            found = list(pool.map(lambda number: ask(lab, number), numbers))
        assert lab.published.stat().st_mtime_ns > before
        assert publisher.poll() is None
    finally:
        publisher.kill()
        publisher.communicate()
    assert [number for number, rows in zip(numbers, found, strict=True) if rows != expected[number]] == []


def test_threads_see_what_the_lab_publishes_and_calls_under_way_end_well(lab):
    def asked(number):
        if number % 5 == 4:
            lab.publish(rebuild=True)
        return lab.sql("SELECT count(*) FROM spectra").fetchall()

    with ThreadPoolExecutor(4) as pool:
        assert set(map(str, pool.map(asked, range(20)))) == {str(asked(0))}


def test_one_thread_keeps_its_connection(lab):
    assert lab.connection() is lab.connection()
    assert lab.cursor() is not lab.cursor()
    lab.sql("CREATE TEMP TABLE mine AS SELECT 1 AS one")
    assert lab.sql("FROM mine").fetchall() == [(1,)]
    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(lab.connection).result()
        assert other is not lab.connection()
        assert pool.submit(lab.connection).result() is other
    first = lab.connection()
    lab.close()
    assert lab.connection() is not first
    with connect(lab.path) as another:
        assert another.sql("SELECT 1").fetchall() == [(1,)]


@pytest.mark.covers("queries/lab/use_lab")
def test_use_lab(lab):
    con = duckdb.connect()
    con.execute(f"ATTACH '{lab.published}' AS lab (READ_ONLY)")
    con.execute(schemas.read("queries/lab/use_lab"))
    assert con.execute("SELECT current_database()").fetchall() == [("lab",)], "use_lab"
