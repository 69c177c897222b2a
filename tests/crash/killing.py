"""Verbs run in processes of their own, killed while they work, and readers that must not notice."""

import multiprocessing
import threading
import time
import traceback
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb
import toy_embedder
from tqdm import tqdm

from spectradb.errors import NoCollection, NoSearch
from spectradb.facade.lab import Lab, connect
from spectradb.ingest.importer import ImportSettings, import_files
from spectradb.removal.pending import noted

# A server that has imported everything forks the processes, so that they start at once. Lance warns about forks because its
# threads would not survive them; the server has none, as it never opens a table.
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["pytest", "hypothesis", "spectradb.facade.lab", "spectradb.ingest.readers.mgf"])


def import_(lab, *, name, file, kind="library"):
    getattr(lab, f"import_{kind}")(name, file)


def import_unpublished(lab, *, name, file):
    import_files(lab.record, lab.locks, [Path(file)], ImportSettings(name, "library"))


def embed(lab, *, model, seconds=0.0, batch_size=100):
    toy_embedder.register(toy_embedder.Toy(model, seconds=seconds))
    lab.embed(model, batch_size=batch_size)


def publish(lab, *, rebuild=False):
    lab.publish(rebuild=rebuild)


def identify(lab, *, model, name):
    lab.identify("study0", "lib0", model=model, ppm=2000.0, k=5, name=name)


def remove(lab, *, kind, name):
    # Asked for again, a removal that was killed may have been finished by connecting to the lab.
    with suppress(NoCollection, NoSearch):
        lab.remove(kind, name)


VERBS = {verb.__name__: verb for verb in (import_, import_unpublished, embed, publish, identify, remove)}


def _run(begun, path, verb, arguments):
    tqdm.set_lock(threading.RLock())  # its own lock is a semaphore, which a killed process leaks
    begun.send(None)
    if verb == "init":
        connect(path, create=True)
    else:
        VERBS[verb](connect(path), **arguments)


def begin(path, verb, **arguments):
    """Start a verb; return when it begins to work."""
    here, there = CONTEXT.Pipe(duplex=False)
    process = CONTEXT.Process(target=_run, args=(there, path, verb, arguments))
    process.start()
    there.close()
    here.recv()
    return process


def run(path, verb, **arguments):
    """Run a verb to its end; return how long it took."""
    process = begin(path, verb, **arguments)
    started = time.monotonic()
    process.join(120)
    assert process.exitcode == 0, f"{verb} {arguments} ended with {process.exitcode}"
    return time.monotonic() - started


def kill(path, verb, delay, **arguments):
    """Kill a verb after a delay in seconds; return whether it was still at work."""
    process = begin(path, verb, **arguments)
    process.join(delay)
    process.kill()
    process.join()
    assert process.exitcode in (0, -9), f"{verb} {arguments} ended with {process.exitcode}"
    return process.exitcode == -9


# Readers


def open_lab(path):
    con = duckdb.connect()
    con.execute(f"ATTACH '{path}' AS lab (READ_ONLY)")
    con.execute("USE lab")
    return con


def state(con, n_spectra):
    """What a published lab holds; every collection, column and search in it must be whole."""

    def rows(query):
        return con.execute(query).fetchall()

    collections = dict(rows("SELECT name, n_spectra FROM libraries UNION ALL SELECT name, n_spectra FROM studies"))
    assert set(collections.values()) <= {n_spectra}, collections
    assert dict(rows("SELECT collection, count(*) FROM spectra GROUP BY ALL")) == collections
    assert rows("SELECT count(*) - count(DISTINCT spectrum_id) FROM spectra") == [(0,)]
    assert dict(rows("SELECT collection, sum(n_kept) FROM imports GROUP BY ALL")) == collections
    log = "SELECT collection, sum(n) FROM import_log WHERE outcome = 'kept' GROUP BY ALL"
    assert dict(rows(log)) == collections
    assert rows("SELECT DISTINCT analyte_id FROM spectra EXCEPT SELECT analyte_id FROM analytes") == []
    assert rows("SELECT DISTINCT run_id FROM spectra WHERE run_id IS NOT NULL EXCEPT SELECT run_id FROM runs") == []
    models = [name for (name,) in rows("SELECT name FROM models ORDER BY name")]
    columns = "SELECT column_name FROM duckdb_columns() WHERE database_name = 'lab' AND table_name = 'spectra'"
    embedded = sorted(name for (name,) in rows(columns) if name.startswith("embedding_"))
    assert embedded == [f"embedding_{model}" for model in models]
    vectors = {}
    for model in models:
        for collection, n in rows(f"SELECT collection, count(embedding_{model}) FROM spectra GROUP BY ALL"):
            assert n in (0, n_spectra), (model, collection, n)
            assert rows(f"SELECT count(*) FROM vectors.{collection}__{model}") == [(n,)]
            vectors[model, collection] = n
    searches = dict(rows("SELECT search_id, n_queries FROM searches"))
    hits = dict(rows("SELECT search_id, count(*) FROM hits GROUP BY ALL"))
    assert set(searches) == set(hits)
    named = "SELECT study FROM searches UNION SELECT library FROM searches UNION SELECT library FROM calibrations"
    assert {name for (name,) in rows(named)} <= set(collections)
    assert rows("SELECT analyte_id FROM structures EXCEPT SELECT analyte_id FROM spectra") == []
    assert len(set(hits.values())) <= 1, hits
    assert rows("SELECT count(*) FROM (SELECT DISTINCT search_id, query_id, rank FROM hits)") == [(sum(hits.values()),)]
    return collections, vectors, hits


def _read(parent, path, n_spectra, keep):
    n = 0
    try:
        con = open_lab(path)
        first = state(con, n_spectra)
        while not parent.poll(0.03):
            if not keep:
                con.close()
                con = open_lab(path)
            found = state(con, n_spectra)
            assert not keep or found == first, "an open connection changed"
            n += 1
        parent.send((n, None))
    except BaseException:
        parent.send((n, traceback.format_exc()))
        raise


@contextmanager
def readers(path, n_spectra):
    """Read a published lab all the while: two processes that open it anew every time, and one that keeps it open.

    Yields a dict that tells, at the end, how often the lab was opened and read.
    """
    processes = []
    for keep in (False, False, True):
        here, there = CONTEXT.Pipe()
        process = CONTEXT.Process(target=_read, args=(there, path, n_spectra, keep))
        process.start()
        there.close()
        processes.append((process, here))
    told = {}
    try:
        yield told
    finally:
        found = []
        for process, connection in processes:
            if process.is_alive():
                connection.send("stop")
            found.append(connection.recv())
            process.join()
    failures = [failure for _, failure in found if failure]
    told |= {"opened and read": found[0][0] + found[1][0], "read while open": found[2][0], "failures": len(failures)}
    assert failures == []


def remains(path):
    """What a killed verb has left behind, by its kind."""
    found = set()
    if any(path.glob("lab.duckdb.next*")):
        found.add("half a published file")
    if any((path / "locks").glob("embed-*.keys")):
        found.add("a checkpoint")
    record = Lab(path).record
    if noted(record):
        found.add("a removal that is noted")
    finished = set(record.read("imports", columns=["import_id"])["import_id"].to_pylist())
    if set(record.read("spectra", columns=["import_id"])["import_id"].to_pylist()) - finished:
        found.add("spectra of no finished import")
    if record.read("searches", where="finished IS NULL").num_rows:
        found.add("an unfinished search")
    return found
