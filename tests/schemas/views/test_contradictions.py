"""Annotations that contradict each other, how far a library agrees with itself, SPLASH, and what changes between searches."""

import hashlib
from datetime import datetime

import duckdb
import pytest

from spectradb import schemas

PEAKS = [(100.0, 1.0), (101.0, 2.0), (102.0, 3.0)]


def with_rows(con, table, columns, rows):
    con.execute(f"CREATE TABLE {table} ({columns})")
    con.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", rows)


def splash(peaks):
    """SPLASH of (m/z, intensity) as its authors describe it."""
    highest = max(height for _, height in peaks)
    scaled = [(mz, height / highest * 100) for mz, height in peaks]

    def bins(of, width, levels):
        sums = [sum(height for mz, height in of if int(mz / width) % 10 == i) for i in range(10)]
        return "".join(str(int((levels - 1) * s / max(sums) + 1e-7)) for s in sums)

    top = sorted((p for p in scaled if p[1] + 1e-7 >= 10), key=lambda p: (-p[1], p[0]))[:10]
    number, prefix = int(bins(top, 5, 3), 3), ""
    for _ in range(4):
        number, digit = divmod(number, 36)
        prefix = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + prefix
    listed = " ".join(
        f"{int((mz + 1e-7) * 1e6)}:{int(height + 1e-7)}" for mz, height in sorted(scaled, key=lambda p: (p[0], -p[1]))
    )
    return f"splash10-{prefix}-{bins(scaled, 100, 10)}-{hashlib.sha256(listed.encode()).hexdigest()[:20]}"


@pytest.mark.covers("views/spectra/splashes")
def test_splashes():
    con = duckdb.connect()
    many = [(50.0 + 13.17 * i, float(1 + (7 * i) % 23)) for i in range(40)]
    lists = [PEAKS, [(999.99999999, 5.0)], many]
    rows = [(i, "c", f"n{i}", [mz for mz, _ in peaks], [height for _, height in peaks]) for i, peaks in enumerate(lists)]
    columns = "spectrum_id BIGINT, collection VARCHAR, native_id VARCHAR, mz DOUBLE[], intensity FLOAT[]"
    with_rows(con, "spectra", columns, rows)
    con.execute(schemas.read("views/spectra/splashes"))
    found = con.sql("FROM splashes ORDER BY spectrum_id").fetchall()
    # The first is the example that the authors of SPLASH give.
    assert found[0] == (0, "c", "n0", "splash10-0udi-0900000000-f5bf6f6a4a1520a35d4f")
    assert [row[3] for row in found] == [splash(peaks) for peaks in lists]


def test_splashes_are_those_that_massbank_states(shared_data):
    (file,) = (shared_data / "massbank").glob("*.parquet")
    con = duckdb.connect()
    con.execute(
        "CREATE TABLE spectra AS "
        "SELECT row_number() OVER () AS spectrum_id, '' AS collection, splash AS native_id, mz, intensity "
        "FROM (SELECT * FROM read_parquet($1) WHERE len(mz) > 0 ORDER BY accession LIMIT 3000)",
        [str(file)],
    )
    con.execute(schemas.read("views/spectra/splashes"))
    assert con.sql("SELECT count(*), count(*) FILTER (splash = native_id) FROM splashes").fetchall() == [(3000, 3000)]


@pytest.mark.covers("views/spectra/contradicting_annotations")
def test_contradicting_annotations(tiny_lab):
    assert tiny_lab.sql("FROM contradicting_annotations").fetchall() == []
    con = duckdb.connect()
    columns = (
        "spectrum_id BIGINT, collection VARCHAR, native_id VARCHAR, ion_mode VARCHAR, peaks_hash BIGINT, n_peaks INTEGER, "
    )
    columns += "contributor VARCHAR, precursor_mz DOUBLE, adduct VARCHAR, analyte_id VARCHAR, splash VARCHAR"
    rows = [
        (1, "library", "R1", "positive", 7, 5, "Aa", 100.0, "[M+H]+", "A", "s7"),
        (2, "other", "R2", "positive", 7, 5, "Be", 102.5, "[M+H]+", "B", None),
        (3, "library", "R3", "positive", 7, 5, "Aa", 100.0, "[M+H]+", "A", "s7"),
        (4, "library", "R4", "negative", 7, 5, "Aa", 100.0, "[M-H]-", "C", "s7"),
        (5, "study", "R5", "positive", 7, 5, "Aa", 100.0, None, None, "s7"),
        (6, "library", "R6", "positive", 8, 5, "Aa", 100.0, "[M+H]+", "A", "s8"),
        (7, "library", "R7", "positive", 9, 5, "Be", 103.0, "[M+H]+", "B", "s8"),
        (8, "library", "R8", "positive", 10, 5, "Be", 100.0, "[M+H]+", "B", "s10"),
        (9, "library", "R9", "positive", 11, 5, "Be", 100.0, "[M+H]+", "A", None),
        (10, "library", "R10", "positive", 12, 5, "Be", 100.0, "[M+H]+", "B", None),
    ]
    with_rows(con, "spectra", columns, rows)
    con.execute(
        "CREATE TABLE annotations AS SELECT spectrum_id, 'n' || spectrum_id AS name, 'C' AS formula, 'C' AS smiles FROM spectra"
    )
    con.execute(schemas.read("views/spectra/contradicting_annotations"))
    found = con.sql("SELECT * EXCLUDE (formula, smiles) FROM contradicting_annotations ORDER BY spectrum_id").fetchall()
    assert found == [
        (7, "positive", 3, 2, 2.5, 5, 1, "library", "R1", "Aa", 100.0, "[M+H]+", "A", "n1", "peaks_hash", "s7"),
        (7, "positive", 3, 2, 2.5, 5, 2, "other", "R2", "Be", 102.5, "[M+H]+", "B", "n2", "peaks_hash", None),
        (7, "positive", 3, 2, 2.5, 5, 3, "library", "R3", "Aa", 100.0, "[M+H]+", "A", "n3", "peaks_hash", "s7"),
        (8, "positive", 2, 2, 3.0, 5, 6, "library", "R6", "Aa", 100.0, "[M+H]+", "A", "n6", "splash", "s8"),
        (9, "positive", 2, 2, 3.0, 5, 7, "library", "R7", "Be", 103.0, "[M+H]+", "B", "n7", "splash", "s8"),
    ]


# id, collection, precursor m/z, vector, analyte, contributor, hash of peaks
VECTORS = [
    (1, "library", 200.0, [1.0, 0.0], "A", "Aa", 1),
    (2, "library", 200.0, [1.0, 0.0], "A", "Be", 1),
    (3, "library", 200.0, [0.8, 0.6], "A", "Be", 3),
    (4, "library", 200.001, [0.6, 0.8], "B", "Aa", 4),
    (5, "library", 200.001, [0.0, 1.0], "B", "Be", 5),
    (6, "library", 300.0, [1.0, 0.0], "C", "Aa", 6),
    (7, "library", 300.0, [0.6, 0.8], "C", "Be", 7),
    (8, "other", 200.0, [1.0, 0.0], "D", "Be", 8),
]


@pytest.fixture
def con():
    con = duckdb.connect()
    columns = "spectrum_id BIGINT, collection VARCHAR, precursor_mz DOUBLE, embedding_flat FLOAT[2], analyte_id VARCHAR, "
    with_rows(con, "spectra", columns + "contributor VARCHAR, peaks_hash BIGINT", VECTORS)
    con.execute("ALTER TABLE spectra ADD COLUMN ion_mode VARCHAR DEFAULT 'positive'")
    con.execute("ALTER TABLE spectra ADD COLUMN precursor_mz_stated DOUBLE")
    con.execute(
        "CREATE TABLE annotations AS SELECT spectrum_id, collection, analyte_id, 'the ' || analyte_id AS name, "
        "NULL::VARCHAR AS analyte_name, if(analyte_id = 'C', 'CH4', 'H2O') AS formula FROM spectra"
    )
    con.execute("CREATE SCHEMA vectors")
    for collection in ("library", "other"):
        con.execute(schemas.fill("publish/embedded_view", collection=collection, model="flat"))
    wanted = ("precursor_pairs", "candidate_pairs", "similarity_pairs", "query_spectra", "embedded_queries", "embedding_pairs")
    for name in schemas.creation_order("macros/similarity", "macros/identification", "macros/agreement"):
        if name.rpartition("/")[2] in wanted or "agreement" in name:
            con.execute(schemas.read(name))
    return con


@pytest.mark.covers("macros/agreement/contradicting_pairs")
def test_contradicting_pairs(con):
    pairs = "FROM contradicting_pairs('library', '{}', model := 'flat', min_score := {})"
    (found,) = con.sql(pairs.format("library", 0.95)).fetchall()
    assert found == (3, 4, pytest.approx(0.96), pytest.approx(5.0), "A", "B", "the A", "the B", True)
    # Copies of one analyte are none; across collections every spectrum counts.
    across = con.sql("SELECT spectrum_id, other_spectrum_id, other_name " + pairs.format("other", 0.99)).fetchall()
    assert across == [(1, 8, "the D"), (2, 8, "the D")]
    narrow = con.sql("FROM contradicting_pairs('library', 'library', model := 'flat', min_score := 0.5, ppm := 1)")
    assert narrow.fetchall() == []


@pytest.mark.covers("macros/agreement/library_agreement")
def test_library_agreement(con):
    asked = "SELECT * EXCLUDE (mean_score), round(mean_score, 3) FROM library_agreement('library', model := 'flat'{})"
    # 1 and 2 are copies, which find 3 (.8, before B's .6); 3 finds B's 4 (.96) before them. Of B 4 finds 3, 5 finds 4.
    assert con.sql(asked.format("")).fetchall() == [
        ("B", "the B", 2, 2, 1, 0.5, "A", "the A", 0.8),
        ("A", "the A", 3, 3, 2, pytest.approx(2 / 3), "B", "the B", 0.8),
        ("C", "the C", 2, 0, 0, None, None, None, 0.6),
    ]
    # Of A only 1 and 3 have another laboratory's; 4, which was 3's nearest, stays.
    by_others = con.sql(asked.format(", left_out := 'contributor'")).fetchall()
    assert [row[:5] for row in by_others] == [("A", "the A", 2, 2, 1), ("B", "the B", 2, 2, 1), ("C", "the C", 2, 0, 0)]


@pytest.mark.covers("macros/history/annotation_diff")
def test_annotation_diff():
    con = duckdb.connect()
    early, late, between = (datetime(2026, 1, day) for day in (1, 9, 5))  # noqa: DTZ001 - tables have UTC without a zone
    columns = "spectrum_id BIGINT, collection VARCHAR, native_id VARCHAR, import_id VARCHAR, first_import_id VARCHAR"
    came = {5: ("new", "new"), 6: ("new", "old")}  # the first is new, of the other there is another version
    library = [(10 + i, "library", f"R{i}", *came.get(i, ("old", None))) for i in range(1, 7)]
    came = {8: ("new", "new"), 9: ("new", "old")}
    queries = [(i, "study", f"q{i}", *came.get(i, ("old", "old"))) for i in (*range(1, 10), 17, 18)]
    with_rows(con, "spectra", columns, [*library, *queries])
    with_rows(con, "imports", "import_id VARCHAR, finished TIMESTAMP", [("old", early), ("new", between)])
    con.execute("CREATE TABLE annotations AS SELECT spectrum_id, 'record ' || native_id AS name FROM spectra")
    columns = "search_id VARCHAR, study VARCHAR, library VARCHAR, started TIMESTAMP, ppm DOUBLE, method VARCHAR, "
    of_all = ("study", "library")
    searches = [
        ("a", *of_all, datetime(2026, 1, 3), 5.0, "embedding", "m", None, None),  # noqa: DTZ001
        ("b", *of_all, late, 10.0, "embedding", "m", None, None),
        ("c", *of_all, late, 5.0, "modified_cosine", None, None, None),
        ("d", "elsewhere", "library", late, 5.0, "embedding", "m", None, None),
    ]
    with_rows(con, "searches", columns + "model VARCHAR, settings VARCHAR, left_out VARCHAR", searches)
    columns = "search_id VARCHAR, query_id BIGINT, rank INTEGER, analyte_id VARCHAR, library_spectrum_id BIGINT, score FLOAT, "
    hits = [
        ("a", 1, 1, "A", 11, 0.5, 1.0), ("b", 1, 1, "A", 12, 0.75, 1.0),  # the same analyte by another record
        ("a", 2, 1, "A", 11, 0.5, 1.0), ("b", 2, 1, "B", 13, 0.75, 1.0),
        ("a", 3, 1, "Z", 99, 0.5, 1.0), ("b", 3, 1, "A", 11, 0.25, 1.0),  # whose record is gone
        ("a", 4, 1, "Z", 99, 0.5, 1.0),
        ("b", 5, 1, "E", 15, 0.5, 1.0),  # whose record is new
        ("b", 6, 1, "B", 13, 0.5, -7.0),  # outside the window of a
        ("a", 7, 1, "A", 11, 0.5, 1.0), ("b", 7, 1, "E", 15, 0.75, 1.0),
        ("b", 8, 1, "A", 11, 0.5, 1.0),
        ("b", 9, 1, "A", 11, 0.5, 1.0),
        ("a", 17, 1, "A", 11, 0.5, 1.0), ("b", 17, 1, "F", 16, 0.75, 1.0),  # by another version of its record
        ("a", 18, 1, "F", 16, 0.5, 1.0), ("b", 18, 1, "A", 11, 0.25, 1.0),  # whose record is another now
        ("a", 2, 2, "B", 13, 0.5, 1.0),
        ("c", 2, 1, "B", 13, 0.5, 1.0),
    ]  # fmt: skip
    with_rows(con, "hits", columns + "ppm_error DOUBLE", hits)
    con.execute(schemas.read("macros/metrics/truth/known_search"))
    con.execute(schemas.read("macros/history/annotation_diff"))
    assert con.sql("FROM annotation_diff('a', 'b')").fetchall() == [
        (2, "q2", "changed", "score", "A", "record R1", 0.5, "B", "record R3", 0.75),
        (3, "q3", "changed", "library spectrum gone", "Z", None, 0.5, "A", "record R1", 0.25),
        (7, "q7", "changed", "library spectrum new", "A", "record R1", 0.5, "E", "record R5", 0.75),
        (17, "q17", "changed", "library spectrum changed", "A", "record R1", 0.5, "F", "record R6", 0.75),
        (18, "q18", "changed", "library spectrum changed", "F", "record R6", 0.5, "A", "record R1", 0.25),
        (5, "q5", "gained", "library spectrum new", None, None, None, "E", "record R5", 0.5),
        (6, "q6", "gained", "window", None, None, None, "B", "record R3", 0.5),
        (8, "q8", "gained", "query new", None, None, None, "A", "record R1", 0.5),
        (9, "q9", "gained", "query changed", None, None, None, "A", "record R1", 0.5),
        (4, "q4", "lost", "library spectrum gone", "Z", None, 0.5, None, None, None),
    ]
    by_method = con.sql("SELECT query_id, why FROM annotation_diff('a', 'c') WHERE change = 'changed'").fetchall()
    assert by_method == [(2, "method")]
    with pytest.raises(duckdb.Error, match="study is not elsewhere"):
        con.sql("FROM annotation_diff('a', 'd')").fetchall()
