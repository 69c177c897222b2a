from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spectradb import schemas
from spectradb.errors import BadSelect
from spectradb.ingest.readers.raw import RAW_SCHEMA, Problems
from spectradb.ingest.readers.table import read_select, select_text

MASSBANK = Path(__file__).parents[4] / "shared" / "data" / "massbank" / "massbank_2025.05.1.parquet"

PEAKS = "[50.5, 101.25] AS mz, [3, 4] AS intensity"
FROM = "FROM '{file}'"


@pytest.fixture
def csv(tmp_path):
    path = tmp_path / "it's a table.csv"
    path.write_text("id,level,mzs\na,2,1;2\nb,x,3;4\n")
    return path


def read(path, select):
    problems = Problems()
    rows = pa.Table.from_batches(read_select(path, select, problems), schema=RAW_SCHEMA).to_pylist()
    return rows, [(problem.place, problem.reason) for problem in problems.found]


def test_columns_are_cast_and_filled(csv):
    select = f"""SELECT id AS native_id, '2' AS ms_level, 195.5::DECIMAL(5, 1) AS precursor_mz, 1::HUGEINT AS charge,
        'positive'::ENUM ('positive', 'negative') AS ion_mode, {PEAKS} {FROM};"""
    rows, problems = read(csv, select)
    assert problems == []
    expected = dict.fromkeys(RAW_SCHEMA.names) | {
        "ms_level": 2,
        "precursor_mz": 195.5,
        "charge": 1,
        "ion_mode": "positive",
        "mz": [50.5, 101.25],
        "intensity": [3.0, 4.0],
    }
    assert rows == [expected | {"native_id": "a", "place": "row 1"}, expected | {"native_id": "b", "place": "row 2"}]


def test_rows_without_identifier_are_named_by_number(csv):
    rows, _ = read(csv, f"SELECT {PEAKS} {FROM}")
    assert [(row["native_id"], row["place"]) for row in rows] == [("row 1", "row 1"), ("row 2", "row 2")]
    rows, _ = read(csv, f"SELECT nullif(id, 'b') AS native_id, 'line 7' AS place, {PEAKS} {FROM}")
    assert [(row["native_id"], row["place"]) for row in rows] == [("a", "line 7"), ("row 2", "line 7")]


def test_order_and_batches(tmp_path):
    path = tmp_path / "table.parquet"
    pq.write_table(pa.table({"n": range(5000), "mz": [[float(n)] for n in range(5000)]}), path, row_group_size=700)
    batches = list(read_select(path, f"SELECT n AS native_id, mz, mz AS intensity {FROM}", Problems()))
    # Versions of DuckDB differ in whether a batch ends with its row group.
    sizes = [batch.num_rows for batch in batches]
    assert (sum(sizes), max(sizes) <= 2048, len(sizes) <= 8) == (5000, True, True)
    assert pa.Table.from_batches(batches)["native_id"].to_pylist() == [str(n) for n in range(5000)]
    assert pa.Table.from_batches(batches)["place"].to_pylist() == [f"row {n + 1}" for n in range(5000)]


def test_rows_without_sound_peaks_cost_themselves_only(tmp_path):
    path = tmp_path / "table.parquet"
    mz = [[1.0], None, [1.0, 2.0], [], [1.0, None], [3.0]]
    pq.write_table(pa.table({"mz": mz, "intensity": [[1.0], [1.0], [1.0], [], [1.0, 2.0], None]}), path)
    rows, problems = read(path, f"SELECT mz, intensity {FROM}")
    assert [(row["native_id"], row["mz"]) for row in rows] == [("row 1", [1.0]), ("row 4", [])]
    assert problems == [
        ("row 2", "it has no mz"),
        ("row 3", "2 m/z values but 1 intensities"),
        ("row 5", "a value among its peaks is NULL or no number"),
        ("row 6", "it has no intensity"),
    ]


@pytest.mark.parametrize(
    ("select", "message"),
    [
        (
            f"SELECT {PEAKS}, 1 AS mass, 2 AS rt {FROM}",
            r"that no spectrum has: mass, rt\. Rename or leave out; known: native_id, ",
        ),
        (f"SELECT [1] AS intensity {FROM}", r"yields no mz\. "),
        (f"SELECT id AS native_id {FROM}", r"yields no mz and no intensity\. "),
        (f"SELECT {PEAKS}", r"never mentions '\{file\}'"),
        (
            f"SELECT id AS charge, {PEAKS} {FROM}",
            r"from row 1 on: column charge holds no int32, but 'a'\. Correct it in the SELECT",
        ),
        (
            f"SELECT level AS pubchem_cid, {PEAKS} {FROM}",
            r"column pubchem_cid has values of type string that cannot become int64 \(from row 1 on",
        ),
        (f"SELECT mzs AS mz, mzs AS intensity {FROM}", r"for example TRY_CAST\(string_split\(mz, ','\) AS DOUBLE\[\]\) AS mz"),
        (f"SELECT 1 AS mz, [1] AS intensity {FROM}", r"column mz has values of type int32"),
        (f"SELECT 3000000000 AS charge, {PEAKS} {FROM}", r"column charge .* int64 that cannot become int32"),
        (
            f"SELEC {PEAKS} {FROM}",
            r"it's a table\.csv: the SELECT cannot be run: Parser Error: syntax error at or near \"SELEC\"\. ",
        ),
        (f"SELECT nothing, {PEAKS} {FROM}", r"cannot be run: Binder Error: Referenced column \"nothing\" not found"),
        (f"SELECT CASE WHEN id = 'b' THEN error('late') END AS name, {PEAKS} {FROM}", r"cannot be run: .*late\. "),
        ("massbankk", r"no SELECT is called 'massbankk'\. Give the text .*: massbank, massspecgym\. Did you mean 'massbank'\?"),
        ("@nothing", r"no SELECT is called 'nothing'"),
        ("nowhere/nothing.sql", r"nowhere/nothing\.sql cannot be read"),
        ("@massbank", r"it's a table\.csv: the SELECT 'massbank' cannot be run: Binder Error"),
    ],
)
def test_bad_selects(csv, select, message):
    with pytest.raises(BadSelect, match=message):
        read(csv, select)


def test_absent_file(tmp_path):
    with pytest.raises(BadSelect, match=r"none\.csv: the SELECT cannot be run: IO Error: No files found"):
        read(tmp_path / "none.csv", f"SELECT {PEAKS} {FROM}")


def test_error_in_the_middle_of_the_table(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("level\n" + "2\n" * 9000 + "x\n")
    select = f"SELECT level AS pubchem_cid, {PEAKS} FROM read_csv('{{file}}', all_varchar = true)"
    batches = read_select(path, select, Problems())
    assert next(batches).num_rows == 2048
    with pytest.raises(BadSelect, match=r"column pubchem_cid .*from row 8193 on: Failed to parse string: 'x'"):
        list(batches)


def test_text_in_columns_of_numbers_is_read_as_in_text_formats(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("mz;z;level;rt\n281,2013306;1+;2;4,52 min\n195.0877;2+ and 3+;MS2;30\n1,250;-1-;x;soon\n;;;\n")
    select = """SELECT mz AS precursor_mz, z AS charge, level AS ms_level, rt AS retention_time_s,
            [50.5] AS mz, [1] AS intensity
        FROM read_csv('{file}', delim = ';', all_varchar = true, header = true)"""
    rows, problems = read(path, select)
    assert problems == []
    columns = ("precursor_mz", "charge", "ms_level", "retention_time_s", "flags")
    assert [tuple(row[name] for name in columns) for row in rows] == [
        (281.2013306, 1, 2, pytest.approx(271.2), None),
        (195.0877, None, 2, 30.0, ["several_charges"]),
        (None, -1, None, None, ["ms_level_unreadable", "precursor_unreadable", "retention_time_unreadable"]),
        (None, None, None, None, None),
    ]


def test_decimal_commas_of_a_row_tell_about_its_other_numbers(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("mz;rt\n281,2013;1.250\n281,2013;1,250\n281.2013;1.250\n281.201;12,5\n")
    select = f"""SELECT mz AS precursor_mz, rt AS retention_time_s, {PEAKS}
        FROM read_csv('{{file}}', delim = ';', all_varchar = true, header = true)"""
    rows, problems = read(path, select)
    assert problems == []
    assert [(row["precursor_mz"], row["retention_time_s"], row["flags"]) for row in rows] == [
        (281.2013, None, ["retention_time_unreadable"]),
        (281.2013, 1.25, None),
        (281.2013, 1.25, None),
        (281.201, 12.5, None),
    ]


def test_a_column_that_names_several_charges_only_is_flagged(csv):
    rows, problems = read(csv, f"SELECT '2+ and 3+' AS charge, {PEAKS} {FROM}")
    assert problems == []
    assert [(row["charge"], row["flags"]) for row in rows] == [(None, ["several_charges"])] * 2


def test_a_select_can_flag_records_itself(csv):
    rows, _ = read(csv, f"SELECT CASE WHEN id = 'b' THEN ['deprecated_record'] END AS flags, {PEAKS} {FROM}")
    assert [row["flags"] for row in rows] == [None, ["deprecated_record"]]
    with pytest.raises(BadSelect, match="yields flags that are no reasons: old"):
        read(csv, f"SELECT ['old'] AS flags, {PEAKS} {FROM}")


def test_variables_of_the_program_are_no_tables(csv):
    secret = pa.table({"mz": [[1.0]], "intensity": [[1.0]]})
    with pytest.raises(BadSelect, match="Table with name secret does not exist"):
        read(csv, "SELECT mz, intensity FROM secret -- {file}")
    assert secret.num_rows == 1


def test_select_of_a_file(csv, tmp_path):
    select = tmp_path / "mine.sql"
    select.write_text(f"-- peaks only\nSELECT {PEAKS}\n{FROM};\n")
    assert len(read(csv, str(select))[0]) == 2
    assert select_text(str(select)) == f"-- peaks only\nSELECT {PEAKS}\n{FROM};\n"


def test_select_text():
    assert select_text("@massbank") == select_text("massbank") == schemas.read("selects/massbank")
    assert select_text(f" SELECT {PEAKS} {FROM}\n") == f"SELECT {PEAKS} {FROM}"


def massbank(tmp_path, **columns):
    texts = ["accession", "contributor", "name", "formula", "smiles", "inchi", "inchikey", "instrument", "instrument_type"]
    texts += ["ms_type", "ion_mode", "adduct", "collision_energy", "retention_time", "license"]
    peaks = pa.list_(pa.float64())
    types = dict.fromkeys(texts, pa.string())
    types |= {"pubchem_cid": pa.int64(), "precursor_mz": pa.float64(), "mz": peaks, "intensity": peaks}
    record = dict.fromkeys(types) | {"mz": [50.5], "intensity": [9.0]} | columns
    path = tmp_path / "records.parquet"
    pq.write_table(pa.table({name: pa.array([record[name]], kind) for name, kind in types.items()}), path)
    return path


def test_massbank(tmp_path):
    path = massbank(
        tmp_path,
        accession="MSBNK-X-1",
        contributor="X",
        name="caffeine",
        ms_type="MS2",
        ion_mode="POSITIVE",
        license="CC BY",
        retention_time="1.5 min",
        pubchem_cid=2519,
        precursor_mz=195.0877,
    )
    rows, problems = read(path, "massbank")
    assert problems == []
    assert rows == [
        dict.fromkeys(RAW_SCHEMA.names)
        | {
            "native_id": "MSBNK-X-1",
            "place": "row 1",
            "ms_level": 2,
            "precursor_mz": 195.0877,
            "ion_mode": "POSITIVE",
            "retention_time_s": 90.0,
            "name": "caffeine",
            "pubchem_cid": 2519,
            "contributor": "X",
            "source_license": "CC BY",
            "run": "X",
            "mz": [50.5],
            "intensity": [9.0],
        }
    ]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2 min", 120.0),
        ("1.5 min (in paper: 1.7 min)", 90.0),
        ("1014.5 sec", 1014.5),
        ("244 sec (MSMS)", 244.0),
        ("3484 s", 3484.0),
        (" 8.5", 510.0),
        ("0.58-0.89 min", None),
        ("N/A", None),
        (None, None),
    ],
)
def test_massbank_retention_time(tmp_path, text, seconds):
    assert read(massbank(tmp_path, retention_time=text), "massbank")[0][0]["retention_time_s"] == seconds


@pytest.mark.parametrize(("text", "level"), [("MS2", 2), ("MS3", 3), ("MS4", 4), ("MSn", None), ("MS", None), (None, None)])
def test_massbank_level(tmp_path, text, level):
    assert read(massbank(tmp_path, ms_type=text), "massbank")[0][0]["ms_level"] == level


def test_massbank_release():
    if not MASSBANK.exists():
        pytest.skip(f"{MASSBANK} is not on this machine")
    problems = Problems()
    table = pa.Table.from_batches(read_select(MASSBANK, "massbank", problems))
    assert problems.found == []
    assert table.num_rows == 90_236
    accessions = duckdb.sql(f"SELECT accession FROM '{MASSBANK}'").fetchall()
    assert table["native_id"].to_pylist() == [accession for (accession,) in accessions]
    levels = {entry["values"]: entry["counts"] for entry in table["ms_level"].combine_chunks().value_counts().to_pylist()}
    assert levels == {2: 89_221, 3: 926, 4: 70, None: 19}
    assert table["retention_time_s"].null_count == 16_373 + 3


GYM_HEADER = (
    "identifier\tmzs\tintensities\tsmiles\tinchikey\tformula\tprecursor_formula\tparent_mass\tprecursor_mz\tadduct\t"
    "instrument_type\tcollision_energy\tfold\tsimulation_challenge\n"
)
GYM_ROW = "{id}\t{mzs}\t0.5,1.0\tCCO\tLFQSCWFLJHTTHZ\tC2H6O\tC2H7O\t46.04\t{mz}\t{adduct}\tOrbitrap\t30.0\ttrain\tTrue\n"


def test_massspecgym(tmp_path):
    path = tmp_path / "MassSpecGym.tsv"
    rows = [
        GYM_ROW.format(id="MassSpecGymID0000001", mzs="29.5,47.25", mz="47.0491", adduct="[M+H]+"),
        GYM_ROW.format(id="MassSpecGymID0000002", mzs="29.5,?", mz="", adduct="[M-H]-"),
        GYM_ROW.format(id="MassSpecGymID0000003", mzs="29.5,47.25", mz="", adduct="").replace("30.0", ""),
    ]
    path.write_text(GYM_HEADER + "".join(rows))
    found, problems = read(path, "@massspecgym")
    assert problems == [("row 2", "a value among its peaks is NULL or no number")]
    expected = dict.fromkeys(RAW_SCHEMA.names) | {
        "native_id": "MassSpecGymID0000001",
        "place": "row 1",
        "ms_level": 2,
        "precursor_mz": 47.0491,
        "ion_mode": "positive",
        "adduct": "[M+H]+",
        "collision_energy": "30.0",
        "instrument_type": "Orbitrap",
        "smiles": "CCO",
        "inchikey": "LFQSCWFLJHTTHZ",
        "formula": "C2H6O",
        "run": "train",
        "mz": [29.5, 47.25],
        "intensity": [0.5, 1.0],
    }
    unknown = dict.fromkeys(["precursor_mz", "ion_mode", "adduct", "collision_energy"])
    assert found == [expected, expected | unknown | {"native_id": "MassSpecGymID0000003", "place": "row 3"}]


def test_shipped_selects_say_what_they_take_and_give():
    for name in schemas.names("selects"):
        header = schemas.read(name).partition("SELECT")[0]
        assert header.startswith("-- ")
        assert all(word in header for word in ("Inputs:", "Parameters:", "Columns:"))


@settings(deadline=None)  # it writes and reads files
@given(st.lists(st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=5), min_size=1, max_size=20))
def test_peaks_pass_unchanged(tmp_path_factory, peaks):
    path = tmp_path_factory.mktemp("table") / "table.parquet"
    pq.write_table(pa.table({"peaks": pa.array(peaks, pa.list_(pa.float64()))}), path)
    rows, problems = read(path, f"SELECT peaks AS mz, peaks AS intensity {FROM}")
    assert problems == []
    assert [row["mz"] for row in rows] == [row["intensity"] for row in rows] == peaks


def test_statement_that_is_no_select(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("a\n1\n")
    with pytest.raises(BadSelect, match=r"gives no rows|columns that no spectrum has: Count"):
        list(read_select(path, "CREATE TABLE t AS FROM '{file}'", Problems()))
