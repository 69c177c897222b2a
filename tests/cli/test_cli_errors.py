"""Errors: one line on standard error that names the remedy, an exit status, and never a traceback."""

import json
import sys
import warnings

import pytest
from click.testing import CliRunner
from tiny_lab import build, write_files

from spectradb.cli import main
from spectradb.cli.program import leave_out_what_readers_warn_of


def _invoke(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)


def _fill(folder):
    """Write files to import, and make a lab without vectors."""
    write_files(folder)
    (folder / "table.csv").write_text("a,b\n1,2\n")
    (folder / "truncated.mzML").write_text(
        '<?xml version="1.0"?>\n<mzML xmlns="http://psi.hupo.org/ms/mzml"><run><spectrumList>'
    )
    (folder / "bad_samples.csv").write_text("colour\nred\n")
    (folder / "strange").mkdir()
    (folder / "strange" / "thesis.txt").write_text("mine")
    assert _invoke("import-library", folder / "lab", "reference", folder / "reference.msp", "-q").exit_code == 0
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """For commands that fail, and so change nothing."""
    return _fill(tmp_path_factory.mktemp("errors"))


# Arguments with {0} for the folder, and what the message must name.
ERRORS = {
    "no lab": (["embed", "{0}/nothing"], "spectradb init"),
    "no lab for sql": (["sql", "{0}/nothing", "SELECT 1"], "spectradb init"),
    "published file for a lab": (["info", "{0}/lab/lab.duckdb"], "Name the lab itself: {0}/lab"),
    "file for a lab": (["sql", "{0}/table.csv", "SELECT 1"], "is a file and no lab. A lab is a directory"),
    "days that are none": (["clean", "{0}/lab", "--older-than-days", "nan"], "a number from 0 upwards"),
    "days to come": (["clean", "{0}/lab", "--older-than-days", "-1"], "a number from 0 upwards"),
    "lab among other files": (["init", "{0}/strange"], "new or empty directory"),
    "demo among other files": (["demo", "{0}/strange"], "Name a new directory"),
    "missing file": (["import-library", "{0}/lab", "other", "{0}/absent.msp"], "Check the path"),
    "bad name": (["import-library", "{0}/lab", "my library", "{0}/reference.msp"], "letters, digits and single underscores"),
    "name of the other kind": (["import-study", "{0}/lab", "reference", "{0}/coffee_1.mgf"], "another name"),
    "other recipe": (["import-library", "{0}/lab", "reference", "{0}/reference.msp", "--max-peaks", "2"], "same recipe"),
    "bad samples": (["import-study", "{0}/lab", "s", "{0}/coffee_1.mgf", "--samples", "{0}/bad_samples.csv"], "column 'file'"),
    "absent samples": (["import-study", "{0}/lab", "s", "{0}/coffee_1.mgf", "--samples", "{0}/absent.csv"], "Check the path"),
    "unknown SELECT": (["import-library", "{0}/lab", "t", "{0}/table.csv", "--select", "nist"], "massbank"),
    "bad limit": (["import-library", "{0}/lab", "t", "{0}/reference.msp", "--max-peaks", "0"], "at least 1"),
    "unknown model": (["embed", "{0}/lab", "--model", "gpt"], "binned"),
    "no vectors": (["identify", "{0}/lab", "--study", "reference", "--library", "reference"], "spectradb embed"),
    "unknown study": (["identify", "{0}/lab", "--study", "x", "--library", "reference"], "reference"),
    "bad window": (["identify", "{0}/lab", "--study", "x", "--library", "reference", "--ppm", "-1"], "a number above 0"),
    "search without vectors": (["search", "{0}/lab", "{0}/coffee_1.mgf", "--library", "reference"], "spectradb embed"),
    "search in an absent file": (["search", "{0}/lab", "{0}/absent.mgf", "--library", "reference"], "absent.mgf"),
    "unknown table": (["export", "{0}/lab", "secrets", "{0}/x.csv"], "spectra"),
    "export into no folder": (["export", "{0}/lab", "spectra", "{0}/none/x.csv"], "there is no folder {0}/none"),
    "unknown suffix": (["export", "{0}/lab", "spectra", "{0}/x.docx"], ".parquet"),
}


@pytest.mark.parametrize("form", ["", "--json", "-q"])
@pytest.mark.parametrize("case", ERRORS)
def test_error_is_one_line_with_its_remedy(folder, case, form):
    arguments, remedy = ERRORS[case]
    result = _invoke(*(text.format(folder) for text in arguments), *([form] if form else []))
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1
    assert remedy.format(folder) in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("file", ["table.csv", "truncated.mzML"])
def test_import_of_nothing_says_why(folder, file):
    result = _invoke("import-library", folder / "lab", "other", folder / file)
    assert (result.exit_code, result.stdout) == (1, "")
    first, *others = result.stderr.splitlines()
    assert first == "Error: nothing was imported into library other"
    assert len(others) == 1
    assert file in others[0]
    assert ("--select" in others[0]) == (file == "table.csv")


@pytest.mark.parametrize("form", ["", "--json", "-q"])
def test_some_failed_files_give_their_own_status(tmp_path, form):
    folder = _fill(tmp_path)
    files = [folder / "truncated.mzML", folder / "reference.msp"]
    result = _invoke("import-library", folder / "lab", "both", *files, *([form] if form else []))
    assert result.exit_code == 3
    if form == "-q":
        assert result.stdout == ""
        assert result.stderr.startswith("Error: ")
        assert "truncated.mzML" in result.stderr
    elif form == "--json":
        told = json.loads(result.stdout)
        assert told["kept"] == 9
        assert [failed["file"] for failed in told["failed_files"]] == ["truncated.mzML"]
    else:
        assert "9 kept" in result.stdout
        assert "failed file: " in result.stdout


@pytest.mark.parametrize(
    "arguments",
    [["no-such-verb"], ["embed"], ["import-library", "x", "y"], ["identify", "x"], ["search", "x", "y", "--ppm", "a"]],
)
def test_wrong_usage_has_its_own_status(arguments):
    result = _invoke(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Error: " in result.stderr


def test_bad_sql_shows_the_message_of_the_engine(tiny_lab):
    typo = _invoke("sql", tiny_lab.path, "SELEC 1")
    assert (typo.exit_code, typo.stdout) == (1, "")
    assert typo.stderr.startswith('Error: Parser Error: syntax error at or near "SELEC"')
    misspelt = _invoke("sql", tiny_lab.path, "FROM identification")
    assert misspelt.exit_code == 1
    assert 'Did you mean "identifications' in misspelt.stderr
    late = _invoke("sql", tiny_lab.path, "SELECT error('late') FROM spectra", "--csv")
    assert late.exit_code == 1
    assert "late" in late.stderr
    writing = _invoke("sql", tiny_lab.path, "DELETE FROM hits")
    assert writing.exit_code == 1
    assert "read-only" in writing.stderr
    assert "Traceback" not in typo.stderr + misspelt.stderr + late.stderr + writing.stderr


def test_sql_forms(tiny_lab):
    query = "SELECT name, 1.5 AS x FROM libraries UNION ALL SELECT NULL, 2 ORDER BY x"
    assert _invoke("sql", tiny_lab.path, query, "--csv").stdout == "name,x\nreference,1.5\n,2.0\n"
    assert json.loads(_invoke("sql", tiny_lab.path, query, "--json").stdout) == [
        {"name": "reference", "x": 1.5},
        {"name": None, "x": 2.0},
    ]
    assert "│ reference │" in _invoke("sql", tiny_lab.path, query).stdout


def test_search_of_a_file(tiny_lab, tmp_path):
    write_files(tmp_path)
    call = ["search", tiny_lab.path, tmp_path / "coffee_1.mgf", "--library", "reference", "--ion-mode", "positive"]
    rows = json.loads(_invoke(*call, "--json").stdout)
    best = {row["query"]: row["name"] for row in rows if row["rank"] == 1}
    assert list(best) == ["coffee:1", "coffee:2", "coffee:3", "coffee:4"]
    assert best["coffee:3"] == "Caffeine"
    # The other three are isomers of leucine; the library has two of them.
    assert [row["rank"] for row in rows] == [1, 2, 1, 2, 1, 1, 2]
    one = json.loads(_invoke(*call, "--json", "-k", "1").stdout)
    assert {row["rank"] for row in one} == {1}
    assert len(json.loads(_invoke(*call, "--json", "--open").stdout)) > len(rows)
    csv = _invoke(*call, "--csv").stdout.splitlines()
    assert csv[0].startswith("query,query_id,rank,analyte_id,name,")
    assert len(csv) == len(rows) + 1
    assert json.loads(_invoke("sql", tiny_lab.path, "SELECT count(*) AS n FROM searches", "--json").stdout) == [{"n": 1}]


def test_lab_of_another_schema_version_is_refused(tmp_path):
    with build(tmp_path) as lab:
        lab.record.delete("properties", "name = 'schema_version'")
    result = _invoke("info", tmp_path / "lab")
    assert result.exit_code == 1
    assert "spectradb init" in result.stderr
    assert result.stderr.count("\n") == 1


def test_what_libraries_warn_of_damaged_files_stays_off_the_terminal(monkeypatch):
    def heard(module):
        with warnings.catch_warnings(record=True) as found:
            warnings.simplefilter("always")
            leave_out_what_readers_warn_of()
            warnings.warn_explicit("a header is damaged", UserWarning, "xml.py", 1, module=module)
        return len(found)

    monkeypatch.setattr(sys, "warnoptions", [])
    assert [heard(module) for module in ("pyteomics.xml", "mzspeclib", "pyteomics_of_mine", "spectradb.ingest")] == [0, 0, 1, 1]
    monkeypatch.setattr(sys, "warnoptions", ["default"])
    assert heard("pyteomics.xml") == 1
