"""The statements behind single verbs, over the tiny lab."""

import duckdb
import pyarrow as pa
import pytest
from table_rows import put, tables
from tiny_lab import CAFFEINE, ISOLEUCINE, LEUCINE

from spectradb import schemas
from spectradb.store.publishing.publish import SOURCES


@pytest.fixture
def con(tiny_lab):
    """A plain connection that has opened the tiny lab as programs without spectradb do."""
    con = duckdb.connect()
    con.execute(schemas.fill("queries/lab/open_lab", path=tiny_lab.published))
    return con


def adhoc_queries(con):
    """Take two spectra of the study as queries at hand: one at the m/z of the leucines, one at that of caffeine."""
    con.execute(
        "CREATE TEMP TABLE adhoc_queries AS SELECT row_number() OVER (ORDER BY native_id) - 1 AS id, precursor_mz, ion_mode, "
        "embedding_binned AS embedding FROM spectra WHERE native_id IN ('coffee:2', 'coffee:3')"
    )


@pytest.mark.covers("queries/lab/open_lab", "queries/lab/table_names")
def test_open_lab_and_table_names(tiny_lab, tmp_path):
    con = duckdb.connect()
    con.execute(schemas.fill("queries/lab/open_lab", path=tiny_lab.published))
    views = [name.rpartition("/")[2] for name in schemas.names("views")]
    names = [name for (name,) in con.execute(schemas.read("queries/lab/table_names")).fetchall()]
    assert names == sorted([*SOURCES, "publications", *views])
    assert con.execute("SELECT name FROM libraries").fetchall() == [("reference",)]
    with pytest.raises(duckdb.Error, match="read-only"):
        con.execute("DELETE FROM libraries")


@pytest.mark.covers("queries/identify/identify")
def test_identify_gives_rows_of_hits(con):
    statement = schemas.read("queries/identify/identify")
    values = {
        "study": "kitchen",
        "library": "reference",
        "model": "binned",
        "search_id": "again",
        "ppm": 1.0,
        "k": 1,
        "fragment_tolerance_da": 0.01,
        "left_out": None,
        "contributors": None,
        "query_range": None,
        "query_ids": None,
    }
    found = con.sql(statement, params=values).to_arrow_table()
    declared = tables("hits").table("hits")
    n_found = declared.columns.index("score_gap") + 1
    assert found.column_names == declared.columns[:n_found]
    assert found.schema.types == declared.to_arrow_table().schema.types[:n_found]
    con.register("found", found)
    rows = con.execute(
        "SELECT search_id, native_id, rank, found.analyte_id, matched_peaks, n_candidate_analytes "
        "FROM found JOIN spectra ON spectrum_id = query_id WHERE native_id LIKE 'coffee%' ORDER BY native_id"
    ).fetchall()
    # coffee:4 lies more than 1 ppm from the library's leucines.
    assert rows == [
        ("again", "coffee:1", 1, LEUCINE, 4, 2),
        ("again", "coffee:2", 1, LEUCINE, 4, 2),
        ("again", "coffee:3", 1, CAFFEINE, 3, 1),
    ]


@pytest.mark.covers("queries/identify/count_answered")
def test_count_answered(con):
    con.register("found", pa.table({"query_id": [1, 1, 2]}))
    statement = schemas.read("queries/identify/count_answered")
    of_study = {"study": "kitchen", "model": "binned"}
    assert con.execute(statement, {**of_study, "contributors": None}).fetchall() == [(7, 2, 3)]
    assert con.execute(statement, {**of_study, "contributors": ["Eawag"]}).fetchall() == [(0, 2, 3)]


@pytest.mark.covers("queries/adhoc/search")
def test_search(con):
    adhoc_queries(con)
    values = {"library": "reference", "model": "binned", "ppm": 10.0, "k": 2}
    found = con.sql(schemas.read("queries/adhoc/search"), params=values).to_arrow_table()
    assert found.column_names == [
        *(
            "query_id",
            "rank",
            "analyte_id",
            "name",
            "analyte_name",
            "formula",
            "smiles",
            "adduct",
            "score",
            "score_gap",
            "ppm_error",
        ),
        *("n_candidate_analytes", "library_spectrum_id", "library_native_id", "library_precursor_mz", "precursor_source"),
    ]
    shown = ("query_id", "rank", "analyte_id", "name", "adduct", "n_candidate_analytes", "library_native_id")
    assert [tuple(row.values()) for row in found.select(shown).to_pylist()] == [
        (0, 1, LEUCINE, "D-Leucine", "[M+H]+", 2, "R1"),
        (0, 2, ISOLEUCINE, "L-Isoleucine", "[M+H]+", 2, "R3"),
        (1, 1, CAFFEINE, "Caffeine", "[M+H]+", 1, "R5"),
    ]


@pytest.mark.covers("queries/adhoc/open_search")
def test_open_search(con):
    adhoc_queries(con)
    values = {"library": "reference", "model": "binned", "k": 2}
    found = con.sql(schemas.read("queries/adhoc/open_search"), params=values).to_arrow_table()
    assert found.column_names == [
        *("query_id", "rank", "analyte_id", "name", "analyte_name", "formula", "smiles", "adduct", "score"),
        *(
            "expected_tanimoto",
            "mz_difference",
            "library_spectrum_id",
            "library_native_id",
            "library_precursor_mz",
            "precursor_source",
        ),
    ]
    assert found["expected_tanimoto"].to_pylist() == [None] * 4, "the hash tells none"
    shown = ("query_id", "rank", "analyte_id", "library_native_id")
    assert [tuple(row.values()) for row in found.select(shown).to_pylist()] == [
        (0, 1, LEUCINE, "R1"),
        (0, 2, LEUCINE, "R2"),
        (1, 1, CAFFEINE, "R5"),
        (1, 2, CAFFEINE, "R4"),
    ]


@pytest.mark.covers("macros/identification/named_records")
def test_named_records(con):
    found = con.sql("""
        WITH found AS (
            SELECT 7 AS query_id, 1 AS rank, 0.5 AS agreement, spectrum_id AS library_id FROM spectra WHERE native_id = 'R5'
        )
        FROM named_records('found')
    """)
    assert found.columns == [
        *("query_id", "rank", "analyte_id", "name", "analyte_name", "formula", "smiles", "adduct", "agreement"),
        *("library_spectrum_id", "library_native_id", "library_precursor_mz", "precursor_source"),
    ]
    shown = found.project("query_id, rank, analyte_id, name, adduct, agreement, library_native_id").fetchall()
    assert [(*row[:5], float(row[5]), row[6]) for row in shown] == [(7, 1, CAFFEINE, "Caffeine", "[M+H]+", 0.5, "R5")]


@pytest.mark.covers("queries/lab/embedded_counts", "queries/lab/model_names")
def test_embedded_counts_and_model_names(con):
    counts = con.execute(schemas.read("queries/lab/embedded_counts"), {"model": "binned"}).fetchall()
    assert sorted(counts) == [("kitchen", 7, 7), ("reference", 9, 9)]
    some = duckdb.connect()
    some.execute("CREATE TABLE spectra (collection VARCHAR, embedding_binned FLOAT[2], embedding_binned_2 FLOAT[2])")
    some.execute("INSERT INTO spectra VALUES ('a', [1, 0], NULL), ('a', NULL, NULL), ('b', NULL, [0, 1]), ('c', [0, 1], NULL)")
    counts = some.execute(schemas.read("queries/lab/embedded_counts"), {"model": "binned"}).fetchall()
    assert sorted(counts) == [("a", 2, 1), ("b", 1, 0), ("c", 1, 1)]
    assert con.execute(schemas.read("queries/lab/model_names")).fetchall() == [("binned",)]


@pytest.mark.covers("queries/lab/export", "queries/lab/export_tsv")
def test_export(con, tmp_path):
    written = {
        "csv": "sample_id,study,name,value,number\nkitchen/coffee,kitchen,roast,dark,\n",
        "tsv": "sample_id\tstudy\tname\tvalue\tnumber\nkitchen/coffee\tkitchen\troast\tdark\t\n",
        "json": '{"sample_id":"kitchen/coffee","study":"kitchen","name":"roast","value":"dark","number":null}\n',
    }
    con.execute("CREATE TEMP VIEW one_row AS FROM sample_metadata WHERE name = 'roast'")
    for suffix, text in written.items():
        name = "queries/lab/export_tsv" if suffix == "tsv" else "queries/lab/export"
        path = tmp_path / f"it's.{suffix}"
        assert con.execute(schemas.fill(name, table="one_row", path=path)).fetchall() == [(1,)]
        assert path.read_text() == text
    con.execute(schemas.fill("queries/lab/export", table="sample_metadata", path=tmp_path / "all.parquet"))
    same = f"FROM '{tmp_path}/all.parquet' EXCEPT ALL FROM sample_metadata"
    assert con.execute(same).fetchall() == []
    assert con.execute(f"SELECT count(*) FROM '{tmp_path}/all.parquet'").fetchall() == [(3,)]


@pytest.mark.covers("queries/lab/training_spectra")
def test_training_spectra():
    con = tables("spectra", "analytes")
    put(con, "analytes", {"analyte_id": "A", "smiles": "CCO", "n_stereoisomers": 1})
    known = {"analyte_id": "A", "ms_level": 2, "n_peaks": 1, "mz": [50.0], "intensity": [1.0]}
    odd = [{"analyte_id": None}, {"ms_level": 3}, {"duplicate_of": 1}, {"n_peaks": 0}, {"analyte_id": "name:0"}]
    other = known | {"collection": "other"}
    put(con, "spectra", known | {"spectrum_id": 2, "collection": "lib"}, other | {"spectrum_id": 1, "contributor": "B"})
    put(con, "spectra", *(known | {"spectrum_id": 3 + i} | change for i, change in enumerate(odd)))
    found = con.sql(schemas.read("queries/lab/training_spectra"), params={"collections": None})
    assert found.columns == [
        *("spectrum_id", "mz", "intensity", "precursor_mz", "ion_mode", "adduct", "analyte_id", "contributor"),
        *("source_license", "instrument_type", "collision_energy_ev", "collision_energy_nce", "peaks_hash", "smiles"),
    ]
    rows = [(row[0], row[1], row[6], row[7], row[13]) for row in found.fetchall()]
    assert rows == [(1, [50.0], "A", "B", "CCO"), (2, [50.0], "A", None, "CCO")]
    some = con.execute(schemas.read("queries/lab/training_spectra"), {"collections": ["lib", "none"]}).fetchall()
    assert [row[0] for row in some] == [2]


@pytest.mark.covers("queries/lab/scalar_functions")
def test_scalar_functions(con):
    con.create_function("one_more", lambda x: x + 1, ["BIGINT"], "BIGINT")
    con.execute("CREATE TEMP MACRO a_macro(x) AS x")
    names = {name for (name,) in con.execute(schemas.read("queries/lab/scalar_functions")).fetchall()}
    assert names & {"lower", "one_more", "a_macro", "sum", "identify"} == {"lower", "one_more"}


@pytest.mark.covers("queries/lab/state_of_macros")
def test_state_of_macros():
    con = duckdb.connect()
    con.execute(schemas.read("tables/lab/publications"))
    assert con.execute(schemas.read("queries/lab/state_of_macros")).fetchall() == []
    con.execute(
        "INSERT INTO publications VALUES ('spectra', 'a', '2026-01-01', NULL), ('macros and views', 'b', '2026-01-01', NULL)"
    )
    assert con.execute(schemas.read("queries/lab/state_of_macros")).fetchall() == [("b",)]
