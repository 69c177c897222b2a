import pytest

from spectradb.errors import BadSampleTable
from spectradb.ingest.samples import SampleRow, read_samples, unmatched


def table(tmp_path, text, name="samples.csv"):
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_columns_with_a_meaning_and_others(tmp_path):
    rows = read_samples(
        table(
            tmp_path,
            "Filename,Sample,Sample_Type,GROUP,dilution,ion_mode,column,age\n"
            "C:\\data\\a.raw, s1 ,sample,case,1:40,NEG,HILIC,41\n"
            "b.mzML,s2,blank,,,,,\n",
        )
    )
    assert rows == {
        "a": SampleRow("s1", "sample", "case", 40.0, "negative", "HILIC", {"age": "41"}),
        "b": SampleRow("s2", "blank", None, None, None, None, {}),
    }


def test_the_run_is_the_sample_where_none_is_named(tmp_path):
    assert read_samples(table(tmp_path, "run\na.mzML\n"))["a"].sample == "a"


@pytest.mark.parametrize("name", ["samples.tsv", "samples.TXT"])
def test_tabs(tmp_path, name):
    assert read_samples(table(tmp_path, "file\tnote\na.mgf\tx, y\n", name))["a"].metadata == {"note": "x, y"}


def test_byte_order_mark_line_ends_and_quotes(tmp_path):
    rows = read_samples(table(tmp_path, b'\xef\xbb\xbffile,sample\r\n"a.mgf","s ""1"", x"\r\n'))
    assert rows["a"].sample == 's "1", x'


def test_empty_lines_and_rows_without_a_run_are_passed_over(tmp_path):
    assert list(read_samples(table(tmp_path, "sample,file\n\ns1,a.mgf\ns2,\n,\n"))) == ["a"]


def test_short_and_long_rows(tmp_path):
    rows = read_samples(table(tmp_path, "file,sample,x\na.mgf\nb.mgf,s2,1,surplus\n"))
    assert (rows["a"].sample, rows["a"].metadata) == ("a", {})
    assert (rows["b"].sample, rows["b"].metadata) == ("s2", {"x": "1"})


@pytest.mark.parametrize(("text", "factor"), [("40", 40.0), ("1:40", 40.0), ("2.5", 2.5), ("1e3", 1000.0), ("", None)])
def test_dilution(tmp_path, text, factor):
    assert read_samples(table(tmp_path, f"file,dilution\na,{text}\n"))["a"].dilution == factor


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sample,group\ns1,g\n", "no column names the run. Add a column 'file'; the columns are: sample, group."),
        ("", "no column names the run. Add a column 'file'; the columns are: none."),
        ("file,sample\na.mgf,s1\na.mzML,s2\n", ", line 3: run a is named a second time. Leave one row per run."),
        ("file,dilution\na,half\n", ", line 2: dilution 'half' is not a number. Write the factor, such as 40 or 1:40."),
        ("file,ion_mode\na,sideways\n", ", line 2: ion mode 'sideways' is neither positive nor negative."),
        (b"file,sample\na.mgf,\xff\xfe\x00\n", ": is not a text table in UTF-8"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path, text, message):
    path = table(tmp_path, text)
    with pytest.raises(BadSampleTable) as raised:
        read_samples(path)
    assert str(raised.value).startswith(str(path))
    assert message in str(raised.value)


def test_line_numbers_count_quoted_lines(tmp_path):
    path = table(tmp_path, 'file,note\na,"two\nlines"\na,x\n')
    with pytest.raises(BadSampleTable, match="line 4: run a is named a second time"):
        read_samples(path)


def test_missing_table(tmp_path):
    with pytest.raises(BadSampleTable, match=r"nowhere.csv: cannot be read \(No such file or directory\). Check the path"):
        read_samples(tmp_path / "nowhere.csv")


def test_unmatched():
    assert unmatched(["b", "a", "x"], ["a", "y", "b", "c"]) == (["c", "y"], ["x"])
    assert unmatched([], []) == ([], [])


def test_the_cohort_table(shared_data):
    rows = read_samples(shared_data / "cohort" / "samples.csv")
    runs = {path.stem for path in (shared_data / "cohort" / "mgf").glob("*.mgf")}
    without_row, without_run = unmatched(rows, runs)
    assert (len(runs), len(without_row), without_run) == (99, 1, [])
    row = rows["QEC18_Blank_resusp_20181226235330"]
    assert (row.sample, row.sample_type, row.ion_mode) == ("QE_C18_BLANK_inj_1", "Blank", "positive")
    assert row.chromatography == "Phenomenex Kinetex C18 1.7 um (100A)  100 x 2.1 mm"
    assert (row.metadata["tomato"], row.metadata["batch"]) == ("0", "1")
