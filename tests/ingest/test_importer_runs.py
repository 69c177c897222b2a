"""Runs of an import: their sample table, their names, and tables that hold several."""

import pytest
from made_files import dropped, entry, numbered, one, write_mgf
from readers.mzml_text import MS2, cv, document, precursor, spectrum

from spectradb.errors import BadSampleTable, BadSelect, NoSpectra


def test_samples_are_matched_and_the_rest_is_noted(fresh_lab, tmp_path):
    files = [numbered(tmp_path / f"{run}.mgf", 2, prefix=run, ion_mode=None) for run in ("r1", "r2", "r3")]
    table = tmp_path / "samples.csv"
    table.write_text(
        "file,sample,sample_type,group,dilution,ion_mode,column,subject\n"
        "r1.mzML,s1,sample,case,1:40,negative,HILIC,p7\n"
        "r2.raw,s1,sample,case,2.5,positive,,p7\n"
        "r9,s9,blank,,,,,\n"
    )
    report = fresh_lab.import_study("st", files, samples=table, ion_mode="positive")
    assert report.notes == ["1 runs have no row in samples.csv: r3", "1 rows of samples.csv have no run: r9"]
    assert one(fresh_lab, "SELECT run_id, name, sample_id, ion_mode, chromatography, n_spectra FROM runs ORDER BY ALL") == [
        ("st/r1", "r1", "st/s1", "negative", "HILIC", 2),
        ("st/r2", "r2", "st/s1", "positive", None, 2),
        ("st/r3", "r3", None, None, None, 2),
    ]
    (sample,) = one(fresh_lab, "SELECT sample_id, study, name, sample_type, sample_group, dilution, metadata FROM samples")
    assert sample == ("st/s1", "st", "s1", "sample", "case", None, {"subject": "p7"})
    assert one(fresh_lab, "SELECT name, dilution FROM runs ORDER BY ALL") == [("r1", 40.0), ("r2", 2.5), ("r3", None)]
    assert one(fresh_lab, "SELECT run_id, ion_mode, count(*) FROM spectra GROUP BY ALL ORDER BY ALL") == [
        ("st/r1", "negative", 2),
        ("st/r2", "positive", 2),
        ("st/r3", "positive", 2),
    ]


def test_what_differs_among_the_runs_of_a_sample_belongs_to_runs(fresh_lab, tmp_path):
    files = [numbered(tmp_path / f"{run}.mgf", 1, prefix=run) for run in ("r1", "r2")]
    table = tmp_path / "samples.csv"
    table.write_text("file,sample,dilution,run_date,subject\nr1,s1,40,2020-03-01,p7\nr2,s1,400,2020-03-02,p7\n")
    fresh_lab.import_study("st", files, samples=table)
    assert one(fresh_lab, "SELECT dilution, metadata FROM samples") == [(None, {"subject": "p7"})]
    assert one(fresh_lab, "SELECT name, dilution, metadata FROM runs ORDER BY name") == [
        ("r1", 40.0, {"run_date": "2020-03-01", "subject": "p7"}),
        ("r2", 400.0, {"run_date": "2020-03-02", "subject": "p7"}),
    ]
    asked = "SELECT unit_id, value FROM sample_labels WHERE level = '{}' AND name = '{}' ORDER BY ALL"
    assert one(fresh_lab, asked.format("run", "dilution")) == [("st/r1", "40.0"), ("st/r2", "400.0")]
    assert one(fresh_lab, asked.format("run", "run_date")) == [("st/r1", "2020-03-01"), ("st/r2", "2020-03-02")]
    assert one(fresh_lab, asked.format("run", "subject")) == [("st/r1", "p7"), ("st/r2", "p7")]
    assert one(fresh_lab, asked.format("sample", "subject")) == [("st/s1", "p7")]
    assert one(fresh_lab, asked.format("sample", "run_date")) == []


def test_what_differs_among_runs_of_several_imports_belongs_to_runs_too(fresh_lab, tmp_path):
    for run, dilution in (("r1", 40), ("r2", 400)):
        table = tmp_path / f"{run}.csv"
        table.write_text(f"file,sample,dilution,run_date,subject\n{run},s1,{dilution},day {run},p7\n")
        fresh_lab.import_study("st", numbered(tmp_path / f"{run}.mgf", 1, prefix=run), samples=table)
    assert one(fresh_lab, "SELECT dilution, metadata FROM samples") == [(None, {"subject": "p7"})]
    assert one(fresh_lab, "SELECT dilution, metadata['run_date'] FROM runs ORDER BY name") == [
        (40.0, "day r1"),
        (400.0, "day r2"),
    ]


def test_a_row_that_may_be_of_several_runs_stops_the_import(fresh_lab, tmp_path):
    files = [numbered(tmp_path / place / "x.mgf", 1, prefix=place) for place in ("d1", "d2")]
    table = tmp_path / "samples.csv"
    table.write_text("file,sample\nx.mzML,s1\n")
    with pytest.raises(BadSampleTable, match=r"samples\.csv, line 2: x\.mzML may be run d1/x or run d2/x\. Give each run"):
        fresh_lab.import_study("st", files, samples=table)
    table.write_text("file,sample\nC:\\raw\\D1\\X.mzML,s1\nd2/x.raw,s2\n")
    fresh_lab.import_study("st", files, samples=table)
    assert one(fresh_lab, "SELECT name, sample_id FROM runs ORDER BY name") == [("d1/x", "st/s1"), ("d2/x", "st/s2")]


def test_the_start_of_a_run_is_kept(fresh_lab, tmp_path):
    ms2 = spectrum(MS2, cv("MS:1000130", "positive scan"), precursor(ion=cv("MS:1000744", "selected ion m/z", 195.0877)))
    text = document(ms2).replace('<run id="r"', '<run id="r" startTimeStamp="2020-03-01T10:30:00+01:00"')
    (tmp_path / "run.mzML").write_text(text)
    fresh_lab.import_study("st", [tmp_path / "run.mzML", numbered(tmp_path / "x.mgf", 1)], processes=2)
    started = one(fresh_lab, "SELECT name, started::VARCHAR FROM runs ORDER BY name")
    assert started == [("run", "2020-03-01 09:30:00"), ("x", None)]


def test_a_sample_table_can_come_later_and_be_corrected(fresh_lab, tmp_path):
    files = [numbered(tmp_path / "r1.mgf", 2)]
    fresh_lab.import_study("st", files)
    table = tmp_path / "samples.tsv"
    for sample in ("wrong", "right"):
        table.write_text(f"run\tsample\nr1\t{sample}\n")
        report = fresh_lab.import_study("st", files, samples=table)
        assert dropped(report) == {"already_imported": 2}
        assert one(fresh_lab, "SELECT run_id, sample_id, n_spectra FROM runs") == [("st/r1", f"st/{sample}", 2)]
        assert one(fresh_lab, "SELECT sample_id FROM samples") == [f"st/{sample}"]
    # An import without a table takes nothing back.
    files.append(numbered(tmp_path / "r2.mgf", 1))
    fresh_lab.import_study("st", files)
    assert one(fresh_lab, "SELECT run_id, sample_id FROM runs ORDER BY ALL") == [("st/r1", "st/right"), ("st/r2", None)]


def test_a_bad_sample_table_stops_the_import_before_anything_is_read(fresh_lab, tmp_path):
    table = tmp_path / "samples.csv"
    table.write_text("sample,group\ns1,a\n")
    with pytest.raises(BadSampleTable, match=r"no column names the run\. Add a column 'file'; the columns are: sample, group"):
        fresh_lab.import_study("st", numbered(tmp_path / "a.mgf", 2), samples=table)
    assert fresh_lab.record.dataset("spectra").count_rows() == 0


def test_runs_of_files_that_share_a_name_keep_apart(fresh_lab, tmp_path):
    files = [
        numbered(tmp_path / place / name, 2, prefix=place)
        for place, name in (("d1", "x.mgf"), ("d2", "x.mgf"), ("d3", "y.mgf"), ("e/d1", "x.mgf"))
    ]
    fresh_lab.import_study("st", files)
    top = tmp_path.name
    assert one(fresh_lab, "SELECT name, n_spectra FROM runs ORDER BY name") == [
        ("d2/x", 2),
        ("e/d1/x", 2),
        (f"{top}/d1/x", 2),
        ("y", 2),
    ]


def test_a_run_without_spectra_is_listed(fresh_lab, tmp_path):
    files = [numbered(tmp_path / "full.mgf", 2), write_mgf(tmp_path / "blank.mgf", entry("A", n_peaks=0))]
    fresh_lab.import_study("st", files)
    assert one(fresh_lab, "SELECT name, n_spectra FROM runs ORDER BY name") == [("blank", 0), ("full", 2)]


# Tables


TABLE = """id,run,pmz,smi,mzs,heights
T1,q.mzML,47.05,CCO,10;20,1;2
T2,q.mzML,61.06,CCCO,11;21,3;4
T3,p.mzML,61.06,CCCO,12;22,5;6
"""
SELECT = """
    SELECT id AS native_id, run, pmz AS precursor_mz, smi AS smiles, 'positive' AS ion_mode,
        TRY_CAST(string_split(mzs, ';') AS DOUBLE[]) AS mz, TRY_CAST(string_split(heights, ';') AS DOUBLE[]) AS intensity
    FROM '{file}'"""


def test_a_table_of_two_runs(fresh_lab, tmp_path):
    file, samples = tmp_path / "t.csv", tmp_path / "samples.csv"
    file.write_text(TABLE)
    samples.write_text("file,sample\nq.mzML,s1\np.mzML,s2\n")
    report = fresh_lab.import_study("st", file, select=SELECT, samples=samples)
    assert (report.n_kept, report.notes) == (3, [])
    assert one(fresh_lab, "SELECT run_id, sample_id, n_spectra FROM runs ORDER BY ALL") == [
        ("st/p", "st/s2", 1),
        ("st/q", "st/s1", 2),
    ]
    again = fresh_lab.import_study("st", file, select=SELECT)
    assert dropped(again) == {"already_imported": 3}


def test_a_select_with_a_wrong_column(fresh_lab, tmp_path):
    file = tmp_path / "t.csv"
    file.write_text(TABLE)
    with pytest.raises(NoSpectra, match=r"t\.csv.*Referenced column \"pmzz\" not found.*Check"):
        fresh_lab.import_library("lib", file, select=SELECT.replace("pmz AS", "pmzz AS"))
    with pytest.raises(NoSpectra, match=r"yields columns that no spectrum has: structure\. Rename or leave out"):
        fresh_lab.import_library("lib", file, select=SELECT.replace("AS smiles", "AS structure"))
    with pytest.raises(
        BadSelect,
        match=r"no SELECT is called 'mass_bank'\. Give the text .*: massbank, massspecgym\. Did you mean 'massbank'\?",
    ):
        fresh_lab.import_library("lib", file, select="mass_bank")


def test_a_select_that_fits_one_of_two_tables(fresh_lab, tmp_path):
    good, other = tmp_path / "t.csv", tmp_path / "other.csv"
    good.write_text(TABLE)
    other.write_text("a,b\n1,2\n")
    report = fresh_lab.import_library("lib", [other, good], select=SELECT)
    assert (report.n_kept, [failure.file_name for failure in report.failures]) == (3, ["other.csv"])


# Size
