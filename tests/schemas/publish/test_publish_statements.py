"""The statements that fill and renew the published file, each over hand-made rows of the record."""

from datetime import datetime, timedelta

import duckdb
import pytest
from table_rows import put, record, tables

from spectradb import schemas


def day(number):
    return datetime.fromisoformat("2026-01-01") + timedelta(days=number)


def run(con, name, parameters=None, **slots):
    return con.execute(schemas.fill(name, **slots), parameters)


def rows(con, table, columns="*"):
    return con.execute(f"SELECT {columns} FROM {table}").fetchall()


#: What the publisher registers of the places of structures.
PLACES = "CREATE TEMP TABLE structure_places (structure_id BIGINT, structure_embedding_analogue FLOAT[])"


@pytest.mark.covers("tables/analytes/analytes.fill")
def test_the_flat_structure_of_the_lowest_cid_stands_for_its_stereoisomers():
    con = tables("structures", "analyte_names", "analytes")
    structures = [
        # the flat one stands for the analyte, with its own formula and mass, though others have CIDs and sort earlier
        (1, "BBBBBBBBBBBBBB", "B-A-N", "C[C@H](N)O", "f1", 1.0, 10),
        (2, "BBBBBBBBBBBBBB", "B-Z-N", "CC(N)O", "f2", 2.0, None),
        # of two flat ones that of the lower CID
        (3, "C", "C-A-N", "CCO", "f3", 3.0, 30),
        (4, "C", "C-B-N", "CCO", "f4", 4.0, 20),
        # without a CID the first InChIKey, of those with a structure
        (5, "A", "A-A-N", None, None, None, None),
        (6, "A", "A-Z-N", "C/C=C/C", "f6", 6.0, None),
        (7, "A", "A-Y-N", "C/C=C\\C", "f7", 7.0, None),
        # an incomplete key, and a name, only
        (8, "D", None, None, None, None, None),
        (9, "name:0123456789abcdef", None, None, "CH4O", None, None),
        # mixed by an earlier version: the labelled and the charged one stand last
        (10, "E", "E-A-N", "[2H]CO", "f10", 10.0, 1),
        (11, "E", "E-B-M", "CC[O-]", "f11", 11.0, 2),
        (12, "E", "E-C-N", "C[C@@H](F)O", "f12", 12.0, 3),
    ]
    names = ("structure_id", "analyte_id", "inchikey", "smiles", "formula", "monoisotopic_mass", "pubchem_cid")
    put(con, "structures", *(dict(zip(names, values, strict=True)) for values in structures))
    con.execute(PLACES)
    con.execute("INSERT INTO structure_places SELECT n, list_resize([n::FLOAT], 256, 0) FROM range(1, 5) AS t(n)")
    run(con, "tables/analytes/analytes.fill")
    places = "SELECT analyte_id, structure_embedding_analogue[1] FROM analytes WHERE structure_embedding_analogue IS NOT NULL"
    assert con.sql(places).fetchall() == [("BBBBBBBBBBBBBB", 2.0), ("C", 4.0)]
    columns = "analyte_id, inchikey_2d, name, inchikey, formula, monoisotopic_mass, pubchem_cid, n_stereoisomers"
    assert rows(con, "analytes", columns) == [
        ("A", None, None, "A-Y-N", "f7", 7.0, None, 3),
        ("BBBBBBBBBBBBBB", "BBBBBBBBBBBBBB", None, "B-Z-N", "f2", 2.0, 10, 2),
        ("C", None, None, "C-B-N", "f4", 4.0, 20, 2),
        ("D", None, None, None, None, None, None, 0),
        ("E", None, None, "E-C-N", "f12", 12.0, 3, 3),
        ("name:0123456789abcdef", None, None, None, "CH4O", None, None, 0),
    ]


def test_an_analyte_has_the_commonest_plain_name_of_all_libraries():
    con = tables("structures", "analyte_names", "analytes")
    put(con, "structures", {"structure_id": 1, "analyte_id": "A"}, {"structure_id": 2, "analyte_id": "B"})
    put(con, "structures", {"structure_id": 3, "analyte_id": "C"})
    given = [
        ("a", "A", "Meletin", 5, True),
        ("a", "A", "quercetin", 4, True),
        ("b", "A", "Quercetin", 6, True),
        ("b", "A", "Quercetin hydrate", 90, False),
        ("a", "B", "ties go to the short", 1, True),
        ("a", "B", "shorter", 1, True),
    ]
    names = ("collection", "analyte_id", "name", "n_spectra", "is_plain")
    put(con, "analyte_names", *(dict(zip(names, values, strict=True)) for values in given))
    con.execute(PLACES)
    run(con, "tables/analytes/analytes.fill")
    assert rows(con, "analytes", "analyte_id, name") == [("A", "Quercetin"), ("B", "shorter"), ("C", None)]


@pytest.mark.covers("tables/analytes/analyte_names.fill")
def test_names_of_analytes_come_from_the_records_of_libraries():
    con = tables("spectra", "imports", "structures", "analyte_names")
    put(con, "imports", {"import_id": "of a library", "kind": "library"}, {"import_id": "of a study", "kind": "study"})
    plain, labelled = "RYYVLZVUVIJVGH", "RYYVLZVUVIJVGH-GQALSZNT"
    given = [
        # collection, analyte, name, how many records say so
        ("a", plain, "Caffeine", 2),
        ("a", plain, "caffeine", 1),
        ("a", plain, "Guaranine", 2),
        ("a", plain, "Caffeine-d9", 9),
        ("a", plain, "Caffeine hydrochloride", 9),
        ("a", plain, "Caffeine (isomer of 12)", 9),
        ("a", plain, "ABC-000123", 9),
        ("b", plain, "Theine", 1),
        ("b", plain, "SM d18:1", 1),
        ("a", labelled, "Caffeine", 3),
        ("a", labelled, "caffeine-(trimethyl-d9)", 2),
        ("a", "SALT", "Caffeine citrate sodium", 2),
        ("a", "SALT", "Caffeine", 1),
    ]
    number = 0
    for collection, analyte, name, n in given:
        for _ in range(n):
            number += 1
            row = {"spectrum_id": number, "collection": collection, "analyte_id": analyte, "name": name, "structure_id": 1}
            put(con, "spectra", row | {"import_id": "of a library"})
    put(con, "spectra", {"spectrum_id": 500, "collection": "s", "analyte_id": plain, "name": "x", "import_id": "of a study"})
    # imported before records kept their names
    put(con, "spectra", {"spectrum_id": 501, "collection": "old", "analyte_id": "OLD", "import_id": "of a library"})
    put(con, "structures", {"structure_id": 2, "analyte_id": "OLD", "name": "Older"}, {"structure_id": 3, "analyte_id": "OLD"})
    put(con, "structures", {"structure_id": 4, "analyte_id": "SALT", "smiles": "CCO.Cl"})
    run(con, "tables/analytes/analyte_names.fill")
    found = rows(con, "analyte_names", "collection, analyte_id, name, n_spectra, is_plain, place")
    assert [row for row in found if row[:2] == ("a", plain)] == [
        ("a", plain, "Caffeine", 3, True, 1),
        ("a", plain, "Guaranine", 2, True, 2),
        ("a", plain, "ABC-000123", 9, False, 3),
        ("a", plain, "Caffeine-d9", 9, False, 4),
        ("a", plain, "Caffeine hydrochloride", 9, False, 5),
        ("a", plain, "Caffeine (isomer of 12)", 9, False, 6),
    ]
    assert [row for row in found if row[:2] != ("a", plain)] == [
        ("a", labelled, "caffeine-(trimethyl-d9)", 2, True, 1),
        ("a", labelled, "Caffeine", 3, False, 2),
        ("a", "SALT", "Caffeine citrate sodium", 2, True, 1),
        ("a", "SALT", "Caffeine", 1, True, 2),
        ("b", plain, "Theine", 1, True, 1),
        ("b", plain, "SM d18:1", 1, True, 2),
        ("old", "OLD", "Older", 0, True, 1),
    ]


@pytest.mark.covers("publish/spectrum_keys", "tables/spectra/spectra.fill")
def test_spectra_are_sorted_and_copies_point_at_the_smallest_id():
    con = tables("spectra", "imports")
    record(con, "spectra")
    put(con, "imports", {"import_id": "done"})
    spectra = [
        # id, collection, peaks, precursor m/z, analyte, import
        (9, "lib", 1, 200.00001, "A", "done"),  # a copy of 5: precursors agree to four decimals
        (5, "lib", 1, 200.00002, "A", "done"),
        (4, "lib", 1, 200.0002, "A", "done"),  # another precursor
        (3, "lib", 1, 200.00001, "B", "done"),  # another analyte
        (2, "other", 1, 200.00001, "A", "done"),  # another collection
        (1, "lib", 1, 200.00001, "A", "killed"),  # of an import that was never finished
        (8, "lib", 7, 150.0, None, "done"),  # copies of an unknown
        (7, "lib", 7, 150.0, None, "done"),
        (6, "lib", 7, 150.0, None, "done"),
    ]
    names = ("spectrum_id", "collection", "peaks_hash", "precursor_mz", "analyte_id", "import_id")
    put(con, "record_spectra", *({"ion_mode": "positive"} | dict(zip(names, row, strict=True)) for row in spectra))
    put(con, "record_spectra", {"spectrum_id": 10, "ion_mode": "negative", "precursor_mz": 900.0, "import_id": "done"})
    con.execute("CREATE VIEW record_spectrum_keys AS FROM record_spectra")
    run(con, "publish/spectrum_keys")
    run(con, "tables/spectra/spectra.fill")
    assert rows(con, "spectra", "spectrum_id, precursor_mz, duplicate_of") == [
        (10, 900.0, None),
        (6, 150.0, None),
        (7, 150.0, 6),
        (8, 150.0, 6),
        (2, 200.00001, None),
        (3, 200.00001, None),
        (9, 200.00001, 5),
        (5, 200.00002, None),
        (4, 200.0002, None),
    ]


@pytest.mark.covers("publish/spectra_places")
def test_places_of_spectra_follow_mode_precursor_and_id():
    con = duckdb.connect()
    con.execute("CREATE TABLE spectrum_keys AS FROM (VALUES (1), (2), (3), (4), (5)) AS keys(spectrum_id)")
    con.execute("CREATE TABLE record_places (place BIGINT, spectrum_id BIGINT, ion_mode VARCHAR, precursor_mz DOUBLE)")
    con.execute(
        "INSERT INTO record_places VALUES (0, 5, 'positive', 100.0), (1, 9, 'negative', 50.0), (2, 4, 'positive', NULL)"
    )
    con.execute("INSERT INTO record_places VALUES (3, 3, 'negative', 200.0), (4, 2, 'positive', 100.0), (5, 1, NULL, 1.0)")
    # 9 is not published; what is unknown comes last.
    assert con.sql(schemas.read("publish/spectra_places")).fetchall() == [(3,), (4,), (0,), (2,), (5,)]


@pytest.mark.covers("tables/analytes/structures.fill")
def test_structures_are_those_of_published_spectra_and_unique():
    con = tables("structures", "spectra")
    record(con, "structures")
    spectra = [(1, "A", None), (2, None, None), (3, "B", 4)]
    put(con, "spectra", *({"spectrum_id": i, "analyte_id": a, "structure_id": s} for i, a, s in spectra))
    # All of an analyte whose spectra do not say which, the one that is named of another.
    known = [(2, "A"), (1, "A"), (2, "A"), (3, "B"), (4, "B"), (5, "C")]
    put(con, "record_structures", *({"structure_id": i, "analyte_id": a} for i, a in known))
    run(con, "tables/analytes/structures.fill")
    assert rows(con, "structures", "structure_id, analyte_id") == [(1, "A"), (2, "A"), (4, "B")]


@pytest.mark.covers("tables/collections/libraries.fill", "tables/collections/studies.fill")
@pytest.mark.parametrize(("table", "kind"), [("libraries", "library"), ("studies", "study")])
def test_collections_count_their_spectra(table, kind):
    con = tables("spectra", "imports", table)
    record(con, table)
    put(
        con, "imports", {"import_id": "1", "collection": "b", "kind": kind}, {"import_id": "2", "collection": "a", "kind": kind}
    )
    put(con, "imports", {"import_id": "3", "collection": "c", "kind": "neither"})
    put(con, f"record_{table}", {"name": "b", "origin": "here"}, {"name": "a"}, {"name": "c"}, {"name": "killed"})
    spectra = [(1, "b", "A", None), (2, "b", "A", 1), (3, "b", "B", None), (4, "b", None, None), (5, "c", "A", None)]
    names = ("spectrum_id", "collection", "analyte_id", "duplicate_of")
    put(con, "spectra", *(dict(zip(names, values, strict=True)) for values in spectra))
    run(con, f"tables/collections/{table}.fill")
    found = rows(con, table, "name, origin, n_spectra, n_analytes, n_duplicates")
    # Both statements show collections with a finished import, empty ones too.
    assert found == [("a", None, 0, 0, 0), ("b", "here", 4, 2, 1)]


@pytest.mark.covers("tables/collections/runs.fill")
def test_runs_are_described_by_the_latest_import_that_names_the_sample():
    con = tables("runs", "imports", "spectra", "studies")
    record(con, "runs")
    put(con, "studies", {"name": "k"})
    put(con, "imports", *({"import_id": f"import {n}", "finished": day(n)} for n in (1, 2, 3)))
    described = [
        ("k/b", None, "import 2"),
        ("k/b", None, "import 1"),  # nobody names the sample: the first
        ("k/a", "k/old", "import 1"),
        ("k/a", "k/new", "import 2"),  # the latest that names the sample
        ("k/a", None, "import 3"),
        ("k/c", None, "killed"),
        ("lib/x", None, "import 1"),  # what a record of a library calls its run
    ]
    names = ("run_id", "sample_id", "import_id")
    rows_of_record = (dict(zip(names, values, strict=True)) for values in described)
    put(con, "record_runs", *(row | {"collection": row["run_id"].partition("/")[0]} for row in rows_of_record))
    put(con, "spectra", {"spectrum_id": 1, "run_id": "k/a"}, {"spectrum_id": 2, "run_id": "k/a"}, {"spectrum_id": 3})
    run(con, "tables/collections/runs.fill")
    assert rows(con, "runs", "run_id, sample_id, import_id, n_spectra") == [
        ("k/a", "k/new", "import 2", 2),
        ("k/b", None, "import 1", 0),
    ]


@pytest.mark.covers("tables/samples/samples.fill")
def test_samples_are_those_of_runs_as_last_described():
    con = tables("samples", "imports", "runs")
    record(con, "samples")
    put(con, "imports", {"import_id": "early", "finished": day(1)}, {"import_id": "late", "finished": day(2)})
    put(con, "runs", {"run_id": "k/1", "sample_id": "k/s"}, {"run_id": "k/2", "sample_id": "k/s"})
    described = [("k/s", "before", "early"), ("k/s", "after", "late"), ("k/s", "never", "killed"), ("k/no run", "x", "late")]
    names = ("sample_id", "sample_group", "import_id")
    put(con, "record_samples", *(dict(zip(names, values, strict=True)) | {"metadata": {"a": "1"}} for values in described))
    run(con, "tables/samples/samples.fill")
    assert rows(con, "samples", "sample_id, sample_group, metadata") == [("k/s", "after", {"a": "1"})]


@pytest.mark.covers("tables/collections/imports.fill")
def test_imports_in_the_order_of_their_end():
    con = tables("imports")
    record(con, "imports")
    put(con, "record_imports", *({"import_id": name, "finished": day(n)} for name, n in [("c", 1), ("b", 2), ("a", 2)]))
    run(con, "tables/collections/imports.fill")
    assert rows(con, "imports", "import_id") == [("c",), ("a",), ("b",)]


@pytest.mark.covers("tables/collections/import_log.fill")
def test_import_log_of_finished_imports_each_row_once():
    con = tables("imports", "import_log")
    record(con, "import_log")
    put(con, "imports", {"import_id": "done"})
    kept = {"import_id": "done", "file_name": "b", "outcome": "kept", "reason": "kept", "n": 3}
    put(con, "record_import_log", kept, kept, kept | {"file_name": "a"}, kept | {"import_id": "killed"})
    run(con, "tables/collections/import_log.fill")
    assert rows(con, "import_log", "import_id, file_name, outcome, n") == [("done", "a", "kept", 3), ("done", "b", "kept", 3)]


@pytest.mark.covers("tables/lab/models.fill", "publish/add_embedding_column")
def test_models_are_those_whose_column_is_published():
    con = tables("models", "spectra")
    record(con, "models")
    put(con, "record_models", {"name": "two"}, {"name": "one"}, {"name": "half_done"})
    run(con, "publish/add_embedding_column", model="two", dimension=2)
    run(con, "publish/add_embedding_column", model="one", dimension=1)
    run(con, "tables/lab/models.fill")
    assert rows(con, "models", "name") == [("one",), ("two",)]
    columns = rows(con, "duckdb_columns() WHERE column_name LIKE 'embedding%' ORDER BY ALL", "column_name, data_type, comment")
    text = "Unit vector of the spectrum by the model {}; NULL when not embedded yet"
    assert columns == [("embedding_one", "FLOAT[1]", text.format("one")), ("embedding_two", "FLOAT[2]", text.format("two"))]


@pytest.mark.covers("tables/lab/properties.fill", "publish/default_model")
def test_properties_and_the_default_model():
    con = tables("properties")
    record(con, "properties")
    run(con, "tables/lab/properties.fill")
    assert run(con, "publish/default_model").fetchall() == []
    put(con, "record_properties", {"name": "schema_version", "value": "1"}, {"name": "default_model", "value": "binned"})
    run(con, "tables/lab/properties.fill")
    assert rows(con, "properties") == [("default_model", "binned"), ("schema_version", "1")]
    assert run(con, "publish/default_model").fetchall() == [("binned",)]


@pytest.mark.covers("tables/searches/searches.fill", "tables/searches/hits.fill")
def test_searches_and_hits_count_when_finished():
    con = tables("searches", "hits")
    record(con, "searches", "hits")
    put(
        con,
        "record_searches",
        *({"search_id": name, "finished": end} for name, end in [("b", day(1)), ("a", day(2)), ("killed", None)]),
    )
    made = [("b", 2, 1), ("b", 1, 2), ("b", 1, 1), ("a", 5, 1), ("killed", 1, 1)]
    put(con, "record_hits", *({"search_id": s, "query_id": q, "rank": r} for s, q, r in made))
    run(con, "tables/searches/searches.fill")
    run(con, "tables/searches/hits.fill")
    assert rows(con, "searches", "search_id") == [("b",), ("a",)]
    assert rows(con, "hits", "search_id, query_id, rank") == [("a", 5, 1), ("b", 1, 1), ("b", 1, 2), ("b", 2, 1)]


@pytest.mark.covers("tables/spectra/peak_spectra.fill", "tables/spectra/peak_index.fill", "tables/spectra/loss_index.fill")
def test_peaks_are_sorted_by_mz_and_name_their_spectra_by_number():
    con = tables("spectra", "peak_spectra", "peak_index", "loss_index")
    one = {"spectrum_id": 70, "collection": "lib", "ion_mode": "positive", "precursor_mz": 200.0, "tic": 16.0}
    other = {"spectrum_id": 60, "collection": "st", "ion_mode": "negative", "precursor_mz": 300.0, "tic": 3.5}
    put(con, "spectra", one | {"mz": [100.0, 200.0], "intensity": [5.0, 10.0]})
    put(con, "spectra", other | {"mz": [90.0, 100.0], "intensity": [2.0, 1.0]}, other | {"spectrum_id": 61})
    run(con, "tables/spectra/peak_spectra.fill")
    assert rows(con, "peak_spectra") == [(1, 60, "st", 300.0, 2.0, 3.5), (2, 70, "lib", 200.0, 10.0, 16.0)]
    run(con, "tables/spectra/peak_index.fill")
    assert rows(con, "peak_index") == [(1, 90.0, 2.0), (1, 100.0, 1.0), (2, 100.0, 5.0), (2, 200.0, 10.0)]
    run(con, "tables/spectra/loss_index.fill")
    assert rows(con, "loss_index") == [(2, 0), (2, 10_000_000), (1, 20_000_000), (1, 21_000_000)]
    # A spectrum that comes later gets the next number.
    put(con, "spectra", other | {"spectrum_id": 62, "mz": [50.0], "intensity": [1.0]})
    run(con, "tables/spectra/peak_spectra.fill")
    assert rows(con, "peak_spectra", "spectrum_number, spectrum_id") == [(1, 60), (2, 70), (3, 62)]
