"""A lab over HTTP: what it answers, in which forms, and what it refuses to whom."""

import io

import pyarrow as pa
import pytest
from asking import ask

from spectradb.errors import BadParameter
from spectradb.server.limits import Limits
from spectradb.server.locked_engine import LockedEngine
from spectradb.server.refusals import NotASelect, StatementFailed

LEUCINE = {"name": "leu", "mz": [43.0542, 86.0964], "intensity": [20, 1000], "precursor_mz": 132.1019, "adduct": "[M+H]+"}
CITRIC_ACID = {"mz": [85.0295, 111.0088], "intensity": [380, 1000], "precursor_mz": 191.0198, "ion_mode": "negative"}


@pytest.fixture(scope="module")
def server(tiny_lab):
    with tiny_lab.serve(port=0, limits=Limits(rows=20, seconds=20, body_bytes=100_000, spectra=9, candidates=50)) as server:
        yield server


def sql(server, query, **more):
    return ask(server, "/sql", {"query": query}, **more)


def search(server, *spectra, **more):
    return ask(server, "/search", {"library": "reference", "spectra": list(spectra), **more})


def refusal(reply):
    assert reply.kind == "application/json"
    told = reply.json
    assert set(told) == {"error", "state", "remedy"}
    assert told["state"].endswith(".")
    return reply.status, told["error"], told["remedy"]


def test_status_tables_and_searches(server):
    (status,) = ask(server, "/status").rows
    assert (status["n_libraries"], status["n_library_spectra"], status["default_model"]) == (1, 9, "binned")
    tables = {row["name"]: row for row in ask(server, "/tables").rows if row["name"] in {"hits", "lab_status"}}
    assert {name: row["kind"] for name, row in tables.items()} == {"hits": "table", "lab_status": "view"}
    assert tables["hits"]["columns"][0] == {"name": "search_id", "type": "VARCHAR", "comment": "The search"}
    assert [(row["search_id"], row["n_answered"]) for row in ask(server, "/searches").rows] == [("first", 6)]


def test_who_has_not_the_token_learns_nothing(server):
    for token in ("", "x", f"{server.token}x", server.token[:-1], server.token.upper()):
        for path in ("/status", "/sql", "/nothing"):
            assert refusal(ask(server, path, token=token)) == (
                401,
                "WrongToken",
                "the request has not this server's token. Send the header `Authorization: Bearer TOKEN`",
            )
    assert ask(server, "/status").status == 200


def test_its_description_is_open_and_fetches_nothing(server):
    page = ask(server, "/", token="")
    assert page.kind.startswith("text/html")
    assert b"http://" not in page.content
    assert b"https://" not in page.content
    told = ask(server, "/openapi.json", token="").json
    assert told["openapi"] == "3.1.0"
    assert set(told["paths"]) == {"/status", "/tables", "/searches", "/identifications", "/hit", "/sql", "/search"}
    assert all(path.encode() in page.content for path in told["paths"])
    references = {part["$ref"] for part in _dicts(told) if "$ref" in part}
    assert {reference.rpartition("/")[2] for reference in references} <= set(told["components"]["schemas"])


def _dicts(value):
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _dicts(inner)


def test_a_statement_in_three_forms(server):
    query = "SELECT spectrum_id, native_id, mz, NULL AS nothing FROM spectra WHERE native_id = 'R8'"
    as_json = sql(server, query).json
    assert as_json["columns"][:2] == [{"name": "spectrum_id", "type": "BIGINT"}, {"name": "native_id", "type": "VARCHAR"}]
    (row,) = as_json["rows"]
    assert (row["native_id"], row["mz"], row["nothing"]) == ("R8", [65.0397, 93.0346], None)
    assert row["spectrum_id"] == str(int(row["spectrum_id"]))
    as_csv = sql(server, query, accept="text/csv;q=0.9, */*;q=0.1")
    assert as_csv.content.decode() == (f'spectrum_id,native_id,mz,nothing\n{row["spectrum_id"]},R8,"[65.0397,93.0346]",\n')
    arrow = sql(server, query, accept="application/vnd.apache.arrow.stream")
    assert pa.ipc.open_stream(io.BytesIO(arrow.content)).read_all()["native_id"].to_pylist() == ["R8"]


def test_values_of_all_kinds_are_written(server):
    query = (
        "SELECT 'nan'::FLOAT AS no_number, ['inf'::DOUBLE, 1] AS mixed, sum(x) AS big, 1.5::DECIMAL(4, 1) AS exact, "
        "DATE '2026-01-02' AS day, '\\x00\\xFF'::BLOB AS bytes, {a: 1} AS struct, 1 AS twice, 2 AS twice FROM range(3) t(x)"
    )
    assert sql(server, query).rows == [
        {
            "no_number": None,
            "mixed": [None, 1.0],
            "big": 3,
            "exact": 1.5,
            "day": "2026-01-02",
            "bytes": "AP8=",
            "struct": {"a": 1},
            "twice": 1,
            "twice_1": 2,
        }
    ]


def test_parameters_by_name_and_in_order(server):
    query = "SELECT count(*) AS n FROM spectra WHERE collection = {} AND precursor_mz > {}"
    named = {"query": query.format("$of", "$above"), "parameters": {"of": "reference", "above": 190}}
    in_order = {"query": query.format("?", "?"), "parameters": ["reference", 190]}
    assert [ask(server, "/sql", body).rows for body in (named, in_order)] == [[{"n": 4}], [{"n": 4}]]


def test_rows_beyond_the_limit_are_left_out_and_said_to_be(server):
    for accept, lines in (("application/json", None), ("text/csv", 21), ("application/vnd.apache.arrow.stream", None)):
        reply = sql(server, "FROM range(21)", accept=accept)
        assert reply.headers["spectradb-truncated"] == "true"
        if lines:
            assert reply.content.count(b"\n") == lines
    whole = sql(server, "FROM range(20)")
    assert (len(whole.rows), whole.json["truncated"], "spectradb-truncated" in whole.headers) == (20, False, False)
    assert (len(sql(server, "FROM range(21)").rows), sql(server, "FROM range(21)").json["truncated"]) == (20, True)


@pytest.mark.parametrize(
    ("query", "error", "remedy"),
    [
        ("DELETE FROM spectra", "NotASelect", "only SELECT is run here"),
        ("CREATE TEMP TABLE mine AS SELECT 1", "NotASelect", "only SELECT is run here"),
        ("COPY (SELECT 1) TO 'written.csv'", "NotASelect", "only SELECT is run here"),
        ("ATTACH ':memory:' AS mine", "NotASelect", "only SELECT is run here"),
        ("SET threads = 1", "NotASelect", "only SELECT is run here"),
        ("INSTALL httpfs", "NotASelect", "only SELECT is run here"),
        ("PRAGMA version", "NotASelect", "only SELECT is run here"),
        ("SELECT 1; SELECT 2", "NotASelect", "2 statements were sent"),
        ("-- nothing", "NotASelect", "0 statements were sent"),
        ("FROM enable_logging()", "NotASelect", "the function enable_logging is not called here"),
        ('SELECT * FROM "Checkpoint"()', "NotASelect", "the function checkpoint is not called here"),
        ("SELECT (SELECT max(n) FROM (SELECT sleep_ms(0) AS n))", "NotASelect", "the function sleep_ms is not called here"),
        ("FROM query('SELECT 1')", "NotASelect", "the function query is not called here"),
        ("FROM read_csv('nothing.csv')", "NotASelect", "the function read_csv is not called here"),
        ("FROM glob('*')", "NotASelect", "the function glob is not called here"),
        ("FROM duckdb_settings()", "NotASelect", "the function duckdb_settings is not called here"),
        ("FROM '{file}'", "NotASelect", "file system operations are disabled"),
        ("SELECT count(*) FROM server", "StatementFailed", "Table with name server does not exist"),
        ("SELEC 1", "StatementFailed", 'syntax error at or near "SELEC"'),
        ("SELECT 1 WHERE $a = 1", "StatementFailed", "Values were not provided"),
        ("SELECT error('so')", "StatementFailed", "so"),
    ],
)
def test_what_is_no_question_to_the_lab_is_refused(server, tiny_lab, query, error, remedy):
    file = tiny_lab.path.parent / "harmless.csv"
    file.write_text("a,b\n1,2\n")
    status, found, told = refusal(sql(server, query.format(file=file)))
    assert (status, found) == (422, error)
    assert remedy in told


def test_the_engine_itself_reaches_no_file(tiny_lab, tmp_path):
    """Were a function to slip through, the engine would still refuse."""
    (tmp_path / "harmless.txt").write_text("harmless")
    engine = LockedEngine(tiny_lab.published, Limits())
    for statement in (f"FROM read_text('{tmp_path}/harmless.txt')", f"COPY (SELECT 1) TO '{tmp_path}/out.csv'"):
        with pytest.raises(NotASelect, match="file system operations are disabled"):
            engine.rows(statement, own=True)
    for statement in ("SET threads = 1", "DELETE FROM lab.main.spectra", "FROM engine"):
        with pytest.raises(StatementFailed):
            engine.rows(statement, own=True)
    assert engine.rows("SELECT count(*) FROM spectra").rows == [(16,)]
    assert [file.name for file in tmp_path.iterdir()] == ["harmless.txt"]
    engine.close()


def test_a_statement_is_ended_at_the_time_limit(tiny_lab):
    with tiny_lab.serve(port=0, limits=Limits(seconds=0.3, statements=1)) as server:
        long = "SELECT sum(a.range * b.range) FROM range(10_000_000) AS a, range(1_000_000) AS b"
        status, error, remedy = refusal(sql(server, long))
        assert (status, error, remedy.partition(". ")[0]) == (408, "TookTooLong", "the statement was ended after 0.3 s")
        assert sql(server, "SELECT 1 AS one").rows == [{"one": 1}]


def test_spectra_are_searched_as_the_lab_does(server, tiny_lab):
    reply = search(server, LEUCINE, CITRIC_ACID, k=1)
    assert reply.status == 200
    first, second = reply.json["answers"]
    assert (first["query"], second["query"]) == ("leu", "2")
    (candidate,) = first["candidates"]
    of_lab = tiny_lab.search(LEUCINE["mz"], LEUCINE["intensity"], 132.1019, library="reference", k=1).to_pylist()[0]
    assert {name: candidate[name] for name in ("name", "score", "ppm_error", "rank")} == {
        name: of_lab[name] for name in ("name", "ppm_error", "rank")
    } | {"score": pytest.approx(of_lab["score"], abs=2e-7)}  # DuckDB 2 adds in another order than a library in memory
    assert candidate["library_spectrum_id"] == str(of_lab["library_spectrum_id"])
    assert (candidate["name"], candidate["inchikey"]) == ("D-Leucine", "ROHFNLRQFUQHCH-RXMQYKEDSA-N")
    assert candidate["matched_peaks"] == 2
    assert [(row["name"], row["matched_peaks"]) for row in second["candidates"]] == [("Citric acid", 2)]


@pytest.mark.parametrize(
    "ways", [{"method": "cosine_greedy"}, {"ppm": None, "k": 3}, {"method": "entropy_similarity", "ppm": 20}]
)
def test_other_ways_of_searching(server, tiny_lab, ways):
    found = search(server, CITRIC_ACID, LEUCINE, **ways).json["answers"]
    of_lab = tiny_lab.search(LEUCINE["mz"], LEUCINE["intensity"], 132.1019, library="reference", **ways).to_pylist()
    assert [(row["name"], row["score"]) for row in found[1]["candidates"]] == [(row["name"], row["score"]) for row in of_lab]
    assert found[0]["candidates"][0]["name"] == "Citric acid"


def test_each_bad_spectrum_is_told_by_its_name(server):
    bad = {
        "no ion mode": {key: value for key, value in LEUCINE.items() if key != "adduct"},
        "contradicted": LEUCINE | {"ion_mode": "negative"},
        "unequal": LEUCINE | {"intensity": [1]},
        "empty": LEUCINE | {"intensity": [0, 0]},
        "no adduct": LEUCINE | {"adduct": "protonated"},
        "text": LEUCINE | {"precursor_mz": "132"},
        "unknown field": LEUCINE | {"charge": 1},
    }
    reply = search(server, *({**record, "name": name} for name, record in bad.items()), LEUCINE, 7)
    assert reply.status == 200
    told = {answer["query"]: (answer.get("error"), answer.get("remedy")) for answer in reply.json["answers"]}
    assert told["leu"] == (None, None)
    assert told["no ion mode"] == (
        "BadParameter",
        "neither ion_mode nor an adduct is given. Send ion_mode: positive or negative",
    )
    assert (
        told["contradicted"]
        == (
            "BadParameter",
            "its adduct [M+H]+ is positive, and its ion_mode negative. Send the right one",
        )
        or "[M+H]+" in told["contradicted"][1]
    )
    assert told["unequal"] == ("BadParameter", "it has 2 m/z and 1 intensities. Send one for each peak")
    assert told["empty"][1].startswith("the spectrum cannot be searched: no_peaks. Give peaks of positive intensity")
    assert told["no adduct"][0] == "BadAdduct"
    assert told["text"][1].startswith("precursor_mz: Input should be a valid number. Send the spectrum as SpectrumBody")
    assert told["unknown field"][1].startswith("charge: Extra inputs are not permitted")
    assert told["9"][0] == "BadBody"
    alone = search(server, bad["unequal"])
    assert (alone.status, alone.json["answers"][0]["error"]) == (422, "BadParameter")


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        ({"library": "nowhere", "spectra": [LEUCINE]}, 404, "NoCollection"),
        ({"library": "nowhere", "spectra": [{}]}, 404, "NoCollection"),
        ({"library": "reference", "spectra": [LEUCINE], "model": "dreams"}, 404, "NoModel"),
        ({"library": "reference", "spectra": [LEUCINE], "method": "dot"}, 422, "BadParameter"),
        ({"library": "reference", "spectra": [LEUCINE], "ppm": -1}, 422, "BadParameter"),
        ({"library": "reference", "spectra": [LEUCINE], "k": 51}, 422, "BadParameter"),
        ({"library": "reference", "spectra": [LEUCINE] * 10}, 422, "BadParameter"),
        ({"library": "reference", "spectra": []}, 422, "BadBody"),
        ({"library": "reference"}, 422, "BadBody"),
        ([1], 422, "BadBody"),
        (b"{", 422, "BadBody"),
        (b"[NaN]", 422, "BadBody"),
        (b"[" * 90_000, 422, "BadBody"),
        (b" " * 100_001, 413, "BodyTooLarge"),
    ],
    ids=str,
)
def test_searches_that_cannot_be(server, body, status, error):
    assert refusal(ask(server, "/search", body))[:2] == (status, error)


def test_identifications_of_a_search_and_a_sample(server):
    rows = ask(server, "/identifications").rows
    assert {row["search_id"] for row in rows} == {"first"}
    assert len(rows) == 6
    assert ask(server, "/identifications?search=first").rows == rows
    of_sample = ask(server, "/identifications?search=first&sample=coffee").rows
    assert of_sample == [row for row in rows if row["sample_id"] == "kitchen/coffee"]
    assert ask(server, "/identifications?sample=kitchen/coffee").rows == of_sample
    assert ask(server, "/identifications?sample=nobody").rows == []
    assert refusal(ask(server, "/identifications?search=second"))[:2] == (404, "NoSearch")
    assert refusal(ask(server, "/identifications?serch=first"))[:2] == (422, "BadParameter")


def test_a_hit_is_drawn(server):
    drawn = ask(server, "/hit?query=coffee:1&search=first")
    assert (drawn.status, drawn.kind) == (200, "image/svg+xml")
    assert b"<svg" in drawn.content[:600]
    for path, error in (
        ("/hit?query=tea", "BadParameter"),
        ("/hit", "BadParameter"),
        ("/hit?query=coffee:1&rank=0", "BadParameter"),
    ):
        assert refusal(ask(server, path))[:2] == (422, error)
    assert refusal(ask(server, "/hit?query=coffee:1&search=x"))[:2] == (404, "NoSearch")


def test_other_paths_and_methods_are_told(server):
    assert refusal(ask(server, "/nothing"))[:2] == (404, "NoSuchPlace")
    assert refusal(ask(server, "/sql"))[:2] == (405, "NoSuchPlace")
    assert refusal(ask(server, "/status", {}))[:2] == (405, "NoSuchPlace")
    assert ask(server, "/sql").headers["allow"] == "POST"
    assert set(ask(server, "/status", {}).headers["allow"].split(", ")) == {"GET", "HEAD"}


def test_what_fails_inside_says_nothing_of_it(server, monkeypatch):
    def fail(*arguments):
        raise ZeroDivisionError("a secret of the inside")

    monkeypatch.setattr(LockedEngine, "rows", fail)
    assert refusal(ask(server, "/status")) == (500, "Failed", "Tell whoever runs it")


@pytest.mark.parametrize("wrong", [{"rows": 0}, {"seconds": -1.0}, {"body_bytes": 0}])
def test_limits_let_something_through(wrong):
    with pytest.raises(BadParameter, match=f"the limit {next(iter(wrong))} is"):
        Limits(**wrong)
