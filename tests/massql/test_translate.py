"""Queries as SQL: the statement itself, and what it finds in the small lab."""

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from spectradb.cli import main
from spectradb.errors import BadMassQL, NoCollection
from spectradb.massql.reading import read_query
from spectradb.massql.translate import to_sql

REFERENCE = "INTENSITYMATCH=Y:INTENSITYMATCHREFERENCE"
MATCHED = "INTENSITYMATCH=Y*1.1:INTENSITYMATCHPERCENT=5"


@pytest.fixture
def ask(tiny_lab):
    """What a query finds, without its function: the native_id of the spectra, in their order."""

    def found(conditions, **options):
        rows = tiny_lab.massql(f"QUERY scannum(MS2DATA) WHERE {conditions}", **options).fetchall()
        return " ".join(row[0] for row in rows)

    return found


def test_the_statement_names_each_condition():
    query = read_query("QUERY scaninfo(MS2DATA) WHERE MS2PROD=100:TOLERANCEPPM=10:INTENSITYPERCENT=5 AND POLARITY=Positive")
    assert (
        to_sql(query, ["it's"])
        == """\
WITH
-- MS2PROD=100:TOLERANCEPPM=10:INTENSITYPERCENT=5
condition_1 AS (
    SELECT unnest(list(DISTINCT spectrum_number)) AS spectrum_number
    FROM massql_fragments(99.999, 100.001)
    WHERE relative_intensity >= 0.05
),
with_peaks AS (
    SELECT spectrum_id
    FROM peak_spectra
    INNER JOIN condition_1 USING (spectrum_number)
),
found AS (
    SELECT spectra.*
    FROM spectra
    INNER JOIN with_peaks USING (spectrum_id)
    WHERE ms_level = 2
        AND collection IN ('it''s')
        AND ion_mode = 'positive'
)
SELECT native_id, spectrum_id, collection, run_id, precursor_mz, charge, ion_mode, retention_time_s, n_peaks, \
intensity_sum, relative_intensity_max
FROM massql_scaninfo('found')
ORDER BY collection, run_id, length(native_id), native_id, spectrum_id"""
    )


@pytest.mark.parametrize(
    ("conditions", "found"),
    [
        # fragments: the default tolerance is 0.1 Da, bounds are open
        ("MS2PROD=44.1", "coffee:1 coffee:2 R1 R2"),
        ("MS2PROD=44.0495:TOLERANCEPPM=1", "coffee:1 coffee:2 R1 R2"),
        ("MS2PROD=66.0397:TOLERANCEMZ=1 AND MS2PREC=137.0244", ""),
        ("MS2PROD=66.0397:TOLERANCEMZ=1.0001 AND MS2PREC=137.0244", "R8"),
        ("MS2PROD=44.0495:TOLERANCEMZ=0.01:INTENSITYPERCENT=14", "coffee:1 R2"),
        ("MS2PROD=44.0495:TOLERANCEMZ=0.01:INTENSITYPERCENT>14", "coffee:1"),
        ("MS2PROD=44.0495:TOLERANCEMZ=0.01:INTENSITYPERCENT<3", "coffee:2"),
        ("MS2PROD=86.0964:TOLERANCEMZ=0.01:INTENSITYPERCENT>100", "coffee:1 coffee:2 coffee:4 R1 R2 R3"),
        ("MS2PROD=44.0495:TOLERANCEMZ=0.01:INTENSITYVALUE>25", "coffee:1 R1 R2"),
        ("MS2PROD=110.0713:TOLERANCEMZ=0.01:INTENSITYTICPERCENT>30", "R6"),
        ("MS2PROD=86.0964:TOLERANCEMZ=0.01 AND MS2PROD=44.0495:TOLERANCEMZ=0.01:EXCLUDED", "coffee:4 R3"),
        ("MS2PROD=(69.0699 OR 83.0604):TOLERANCEMZ=0.01", "coffee:4 R3 R6"),
        ("MS2PROD=(30.0338 OR 43.0542 OR 44.0495):TOLERANCEMZ=0.01:CARDINALITY=range(min=3,max=3)", "coffee:1 R2"),
        ("MS2PROD=(30.0338 OR 43.0542 OR 44.0495):TOLERANCEMZ=0.01:MATCHCOUNT=range(min=0,max=2)", "coffee:2 R1"),
        ("MS2PROD=ANY:MASSDEFECT=massdefect(min=0.097,max=0.12)", "coffee:2 R1"),
        ("MS2PROD=formula(C8H12)+2", "coffee:3 R4 R5 R6"),
        # losses, of leucine's 46.0055 and of caffeine's 57.0215, which are residues, too
        ("MS2NL=formula(CH2O2):TOLERANCEMZ=0.001 AND POLARITY=Positive", "coffee:1 coffee:2 coffee:4 R1 R2 R3"),
        ("MS2NL=formula(CH2O2):TOLERANCEPPM=2 AND POLARITY=Positive", "coffee:2 R1 R2 R3"),
        ("MS2NL=aminoaciddelta(G):TOLERANCEMZ=0.002 AND MS2PREC=195.0877", "coffee:3 R4 R5 R6"),
        # bounds of losses are exact, also within the steps of the sorted table
        ("MS2NL=57.0215:TOLERANCEMZ=0.000001 AND MS2PREC=195.0877", "R4 R5 R6"),
        ("MS2NL=46.0055:TOLERANCEMZ=0.001:INTENSITYPERCENT=100 AND RTMIN=1", "coffee:2 coffee:4"),
        ("MS2NL=46.0055:TOLERANCEMZ=0.001:EXCLUDED AND MS2PREC=132.1", ""),
        ("MS2NL=(57.0215 OR 85.0164):TOLERANCEMZ=0.002:CARDINALITY=range(min=2,max=2)", "coffee:3 R4 R5 R6"),
        # precursors and spectra
        ("MS2PREC=(137.0244 OR 139.039):TOLERANCEMZ=0.01", "lemon:2 R8 R9"),
        ("MS2PREC=(132.1 OR 195.1):EXCLUDED AND POLARITY=Positive", "R9"),
        ("MS2PREC=(132.1 OR 132.15):CARDINALITY=range(min=2,max=2)", "coffee:1 coffee:2 coffee:4 R1 R2 R3"),
        ("MS2PREC=ANY:MASSDEFECT=massdefect(min=0.2,max=0.3)", "lemon:3"),
        ("RTMIN=1 AND RTMAX=3", "coffee:2 coffee:4"),
        ("CHARGE=1 AND MS2PREC=191.02", "lemon:1 R7"),
        ("SCANMIN=1", ""),
        ("POLARITY=Negative", "lemon:1 lemon:2 lemon:3 R7 R8"),
    ],
)
def test_conditions_find(ask, conditions, found):
    assert ask(conditions) == found


def test_intensities_are_matched_with_each_other(ask):
    reference = "MS2PROD=138.0662:TOLERANCEMZ=0.01:INTENSITYMATCH=Y:INTENSITYMATCHREFERENCE"
    matched = "MS2PROD=110.0713:TOLERANCEMZ=0.01:INTENSITYMATCH={}:INTENSITYMATCHPERCENT=6"
    # the order does not matter; 210 is within 6 percent of 200, as 200 and 20 of 20 percent are
    assert ask(f"{reference} AND {matched.format('Y*0.2')}") == "coffee:3 R4 R5"
    assert ask(f"{matched.format('0.2*Y')} AND {reference}") == "coffee:3 R4 R5"
    assert ask(f"{reference} AND {matched.format('Y-100')}") == "R6"


@pytest.mark.parametrize(
    ("conditions", "found"),
    [
        # CO apart, 27.995: caffeine's 138.0662 and 110.0713
        (
            "MS2PROD=X:TOLERANCEMZ=0.01 AND MS2PROD=X+27.9949:TOLERANCEMZ=0.001",
            [("coffee:3", [110.0713]), ("R4", [110.0713]), ("R5", [110.0713]), ("R6", [110.0713]), ("R8", [65.0397])],
        ),
        ("MS2PROD=X AND MS2PROD=X-27.9949:TOLERANCEMZ=0.001:INTENSITYPERCENT>50", [("R6", [138.0662])]),
        ("MS2PROD=X:INTENSITYPERCENT<31 AND MS2PROD=X+41.0266:TOLERANCEPPM=5", [("R6", [42.0338])]),
        ("MS2PROD=X AND MS2PROD=X+27.9949:TOLERANCEMZ=0.001 AND X=range(min=120, max=200)", []),
        (
            "MS2PROD=X AND MS2PROD=X+27.9949:TOLERANCEMZ=0.001 AND X=massdefect(min=0.07, max=0.08) AND RTMIN=1",
            [("coffee:3", [110.0713])],
        ),
        ("MS2PREC=X AND MS2PROD=X:TOLERANCEMZ=0.001 AND POLARITY=Negative", [("lemon:3", [255.233])]),
        # half of 195.0877 less 12.5275 is the loss of 85.0164
        ("MS2PREC=X AND MS2NL=X/2-12.5275:TOLERANCEMZ=0.001 AND RTMIN=1", [("coffee:3", [195.0876])]),
        ("MS2NL=X:INTENSITYPERCENT=100 AND MS2NL=X+27.9949:TOLERANCEMZ=0.001 AND POLARITY=Negative", [("R8", [43.9898])]),
        (
            "MS2NL=X:INTENSITYPERCENT=100 AND MS2NL=X+27.9949:TOLERANCEMZ=0.001:EXCLUDED AND MS2PREC=137",
            [("lemon:2", [43.9899])],
        ),
        (
            "MS2PROD=X AND MS2PROD=(X+27.9949 OR X+57.0215):TOLERANCEMZ=0.001:CARDINALITY=range(min=1,max=2) AND RTMAX=5",
            [("coffee:3", [110.0713, 138.0662])],
        ),
        (
            f"MS2PROD=X:TOLERANCEMZ=0.01:{REFERENCE} AND MS2PROD=X+27.9949:TOLERANCEMZ=0.001:{MATCHED}",
            [("R6", [110.0713])],
        ),
    ],
)
def test_a_variable_is_each_peak_of_a_spectrum_in_turn(tiny_lab, conditions, found):
    rows = tiny_lab.massql(f"QUERY scannum(MS2DATA) WHERE {conditions}").fetchall()
    assert [(row[0], [round(x, 4) for x in row[-1]]) for row in rows] == found


def test_functions_tell_different_things(tiny_lab):
    def told(function, rest=""):
        relation = tiny_lab.massql(f"QUERY {function} WHERE MS2PROD=65.039:TOLERANCEMZ=0.01 {rest}")
        return relation.columns, [(row[0], *row[4:]) for row in relation.fetchall()]

    ids = ["native_id", "spectrum_id", "collection", "run_id"]
    about = [*ids, "precursor_mz", "charge", "ion_mode", "retention_time_s", "n_peaks"]
    assert told("scannum(MS2DATA)") == (ids, [("R8",), ("R9",)])
    assert told("scaninfo(MS2DATA)") == (
        [*about, "intensity_sum", "relative_intensity_max"],
        [("R8", 137.0244, -1, "negative", None, 2, 1100.0, 1.0), ("R9", 139.039, 1, "positive", None, 2, 1300.0, 1.0)],
    )
    assert told("scansum(MS2DATA)", "FILTER MS2PROD=65") == ([*ids, "intensity_sum"], [("R8", 100.0), ("R9", 300.0)])
    assert told("scanrangesum(MS2DATA)") == ([*ids, "intensity_sum"], [("R8", 1100.0), ("R9", 1300.0)])
    assert told("scanmaxint(MS2DATA)", "FILTER MS2PROD=65:EXCLUDED AND MS2NL=18:TOLERANCEMZ=0.1") == (
        [*ids, "intensity_max"],
        [("R9", 1000.0)],
    )
    assert told("MS2DATA", "FILTER MS2PROD=(93.03 OR 1):TOLERANCEMZ=0.01") == (
        [*about, "mz", "intensity"],
        [("R8", 137.0244, -1, "negative", None, 1, [93.0346], [1000.0])],
    )
    rows = tiny_lab.massql("QUERY scanmz(MS2DATA) WHERE MS2PROD=86.0964:TOLERANCEMZ=0.01")
    assert (rows.columns, rows.fetchall()) == (["precursor_mz"], [(132.1019,), (132.102,), (132.1021,)])


def test_collections_are_chosen_by_name(ask, tiny_lab):
    assert ask("MS2PROD=86.0964", collections=["reference"]) == "R1 R2 R3"
    with pytest.raises(NoCollection, match="the lab has no library or study 'kitchn'"):
        tiny_lab.massql("QUERY MS2DATA", collections=["kitchn"])


@pytest.mark.parametrize(
    ("conditions", "told"),
    [
        ("MS2PROD=X+5", "nothing says what X is"),
        ("MS2PROD=5:INTENSITYMATCH=Y:INTENSITYMATCHPERCENT=5", "no condition says what Y is"),
        ("MS2PROD=5 FILTER MS2PREC=7", "FILTER MS2PREC=7: FILTER chooses peaks by MS2PROD or MS2NL"),
        (" AND ".join(["MS2PROD=5:INTENSITYMATCH=Y:INTENSITYMATCHREFERENCE"] * 2), "two conditions say what Y is"),
    ],
)
def test_what_cannot_be_answered_is_refused(conditions, told):
    with pytest.raises(BadMassQL, match=told):
        to_sql(read_query(f"QUERY MS2DATA WHERE {conditions}"))


def test_the_statement_runs_in_a_plain_shell_also_as_a_view(tiny_lab, tmp_path):
    query = "QUERY scannum(MS2DATA) WHERE MS2PROD=X:TOLERANCEMZ=0.01 AND MS2PROD=X+27.9949:TOLERANCEMZ=0.001"
    view = tiny_lab.massql_sql(query, view="carbonyls")
    script = tmp_path / "script.sql"
    script.write_text(f"{view};\nSELECT native_id FROM carbonyls;\n{tiny_lab.massql_sql(query)};\n")
    shell = Path(sys.executable).with_name("duckdb")
    done = subprocess.run(
        [shell, "-readonly", "-list", "-f", script, tiny_lab.published], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    assert [line.split("|")[0] for line in done.stdout.splitlines()] == [
        *("native_id", "coffee:3", "R4", "R5", "R6", "R8"),
        *("native_id", "coffee:3", "R4", "R5", "R6", "R8"),
    ]
    tiny_lab.massql(query, view="carbonyls")
    assert tiny_lab.sql("SELECT count(*) FROM carbonyls").fetchall() == [(5,)]


def test_the_verb_prints_rows_or_sql(tiny_lab):
    def printed(*words):
        done = CliRunner().invoke(main, ["massql", str(tiny_lab.path), *words])
        return done.exit_code, done.output

    query = "QUERY scansum(MS2DATA) WHERE MS2PROD=83.0604:TOLERANCEMZ=0.01"
    ((spectrum_id,),) = tiny_lab.sql("SELECT spectrum_id FROM spectra WHERE native_id = 'R6'").fetchall()
    head = "native_id,spectrum_id,collection,run_id,intensity_sum\n"
    assert printed(query, "--csv") == (0, f"{head}R6,{spectrum_id},reference,,2600.0\n")
    assert printed(query, "--csv", "--collection", "kitchen") == (0, head)
    code, sql = printed(query, "--explain", "--view", "found_here")
    assert (code, sql.splitlines()[0]) == (0, "CREATE OR REPLACE TEMP VIEW found_here AS")
    code, sql = printed(query, "--explain")
    assert [row[0] for row in tiny_lab.sql(sql).fetchall()] == ["R6"]
    assert printed(query, "--view", "found_here")[0] == 2
    code, told = printed("QUERY MS1DATA")
    assert (code, told.startswith("Error: QUERY MS1DATA asks for MS1 scans")) == (1, True)


def test_a_fixed_mz_is_read_from_a_few_blocks(tiny_lab):
    """The condition on m/z reaches the scan of the sorted table, which skips blocks by it."""
    sql = to_sql(read_query("QUERY scannum(MS2DATA) WHERE MS2PROD=86.0964:TOLERANCEMZ=0.01"))
    with duckdb.connect() as con:
        con.execute(f"ATTACH '{tiny_lab.published}' AS lab (READ_ONLY); USE lab")
        (plan,) = (row[1] for row in con.execute(f"EXPLAIN {sql}").fetchall())
    scan = plan[plan.index("peak_index") :]
    assert "mz>86.08" in scan.replace(" ", "").replace("│", "").replace("\n", "")[:400]
