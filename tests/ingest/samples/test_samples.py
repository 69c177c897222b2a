import pytest

from spectradb.errors import BadSampleTable
from spectradb.ingest.samples.sample_matching import SampleTable
from spectradb.ingest.samples.sample_table import SampleRow, read_samples, unmatched


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


@pytest.mark.parametrize("text", ["25_25_25_25", "nan", "inf", "1:", "0x10", "1,5", "\u0664\u0660", "1e9999"])
def test_what_is_no_number(tmp_path, text):
    with pytest.raises(BadSampleTable, match=r"line 2: dilution '.+' is not a number"):
        read_samples(table(tmp_path, f'file,dilution\na,"{text}"\n'))


@pytest.mark.parametrize("delimiter", [";", "\t", "|", ","])
@pytest.mark.parametrize("name", ["samples.csv", "samples.txt", "samples.dat"])
def test_columns_parted_by_anything_usual(tmp_path, delimiter, name):
    cells = [["file", "sample", "note, or two"], ["a.mgf", "s1", "x, y; z"]]
    text = "\n".join(delimiter.join(f'"{cell}"' for cell in row) for row in cells)
    assert read_samples(table(tmp_path, text, name)) == {
        "a": SampleRow("s1", None, None, None, None, None, {"note, or two": "x, y; z"})
    }


def test_decimal_commas_where_commas_do_not_part_columns(tmp_path):
    text = "file;sample;dilution;weight;note;n\na;1,5;2,5;10,125;1,5 g;3\nb;1,6;40;7;none;4\n"
    rows = read_samples(table(tmp_path, text))
    assert [row.dilution for row in rows.values()] == [2.5, 40.0]
    assert [row.sample for row in rows.values()] == ["1,5", "1,6"]  # a name
    assert [row.metadata for row in rows.values()] == [
        {"weight": "10.125", "note": "1,5 g", "n": "3"},
        {"weight": "7", "note": "none", "n": "4"},
    ]


def test_points_and_commas_in_one_column_are_no_decimal_commas(tmp_path):
    rows = read_samples(table(tmp_path, "file;weight\na;1,5\nb;1.5\n"))
    assert [row.metadata for row in rows.values()] == [{"weight": "1,5"}, {"weight": "1.5"}]


@pytest.mark.parametrize(
    ("column", "values", "message"),
    [
        ("sample_type", ("blank", "QC"), "sample s1 is of sample type 'blank' and of 'QC'"),
        ("group", ("case", "control"), "sample s1 is of group 'case' and of 'control'"),
    ],
)
def test_a_sample_of_two_kinds_is_an_error_that_names_the_rows(tmp_path, column, values, message):
    text = f"file,sample,{column}\na,s1,{values[0]}\nb,s1,\nc,s1,{values[1]}\n"
    path = table(tmp_path, text)
    with pytest.raises(BadSampleTable) as raised:
        read_samples(path)
    assert str(raised.value).startswith(f"{path}, lines 2 and 4: {message}. Give each sample one")


def test_a_column_that_stands_twice(tmp_path):
    with pytest.raises(BadSampleTable, match=r"several columns are called 'sample'\. Give each a name of its own"):
        read_samples(table(tmp_path, "file,sample,sample\na,s1,s2\n"))


def test_runs_of_one_name_in_several_folders_are_told_apart(tmp_path):
    rows = read_samples(table(tmp_path, "file,sample\nd1/x.mzML,s1\nd2\\x.mzML,s2\ny.mzML,s3\n"))
    assert {name: row.sample for name, row in rows.items()} == {"d1/x": "s1", "d2/x": "s2", "y": "s3"}


@pytest.mark.parametrize(
    ("files", "run", "sample"),
    [
        (["a.mzML"], "a", 0),
        (["A.RAW"], "a", 0),
        (["C:\\data\\a.raw"], "a", 0),
        (["a"], "batch1/a", 0),
        (["batch1/a"], "batch1/a", 0),
        (["Batch1\\A.raw"], "batch1/a", 0),
        (["/raw/batch1/a.raw"], "batch1/a", 0),
        (["batch2/a"], "batch1/a", None),
        (["A", "a"], "a", 1),
        (["A", "a"], "A", 0),
        (["batch1/a", "batch2/a"], "batch2/a", 1),
        (["a.mzML"], "a.mgf", None),  # runs keep suffixes that tell them apart
        (["a.mgf"], "a.mgf", 0),
        (["ab"], "a", None),
    ],
)
def test_file_names_match_with_or_without_folder_suffix_and_case(tmp_path, files, run, sample):
    path = table(tmp_path, "\n".join(["file,sample", *(f"{file},s{i}" for i, file in enumerate(files))]))
    found = SampleTable(path, read_samples(path)).row(run)
    assert (found.sample if found else None) == (None if sample is None else f"s{sample}")


def test_names_that_fit_several_ways_are_errors(tmp_path):
    path = table(tmp_path, "file,sample\nd1/x,s1\nd2/x,s2\ny,s3\n")
    rows = SampleTable(path, read_samples(path))
    with pytest.raises(BadSampleTable, match=r"lines 2 and 3: each may be run x\. Write its file name whole"):
        rows.row("x")
    assert rows.row("e1/y").sample == "s3"
    assert rows.row("e1/y").sample == "s3"
    with pytest.raises(BadSampleTable, match=r"line 4: y may be run e1/y or run e2/y"):
        rows.row("e2/y")
    assert rows.unmatched(["e1/y", "z"]) == (["z"], ["d1/x", "d2/x"])


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
