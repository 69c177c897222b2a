"""Feature tables beside the spectra of a study: stored, told what does not fit, replaced, exported, removed."""

import csv
import json

import pytest
from click.testing import CliRunner
from empty_lab import empty_lab
from tiny_lab import LIBRARY_MSP

from spectradb.cli import main
from spectradb.errors import BadFeatureTable, BadParameter, NoCollection, NoSpectra

MGF = """\
BEGIN IONS
FEATURE_ID=12
SCANS=12
PEPMASS=195.0877
CHARGE=1+
RTINSECONDS=180
110.0713 210
138.0662 1000
END IONS

BEGIN IONS
FEATURE_ID=14
SCANS=14
PEPMASS=132.1020
CHARGE=1+
RTINSECONDS=66
86.0964 1000
END IONS
"""
QUANT = """\
row ID,row m/z,row retention time,coffee.mzML Peak area,lemon.mzML Peak area
12,195.0877,3.0,1000.5,0
13,132.1019,1.1,,250000
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("features")
    (folder / "coffee.mgf").write_text(MGF)
    (folder / "quant.csv").write_text(QUANT)
    return folder


@pytest.fixture(scope="module")
def lab(folder):
    with empty_lab(folder / "lab") as lab:
        lab.import_study("runs", folder / "coffee.mgf")
        yield lab


def test_a_feature_table_is_stored_and_told_of(lab, folder):
    report = lab.import_features("runs", folder / "quant.csv")
    assert (report.file_format, report.n_features, report.n_runs, report.n_areas, report.n_with_spectra) == (
        "mzmine",
        2,
        2,
        3,
        1,
    )
    assert report.notes == (
        "quant.csv: columns that are no run of the study: lemon.mzML; runs of runs are called coffee",
        "1 features of spectra are not in quant.csv: 14; import the table of the same export",
    )
    joined = "SELECT feature_id, run_id, area, native_id FROM feature_areas LEFT JOIN spectra USING (feature_id, run_id)"
    assert sorted(lab.sql(joined).fetchall(), key=str) == [
        ("12", "runs/coffee", 1000.5, "12"),
        ("12", None, 0.0, None),
        ("13", None, 250000.0, None),
    ]
    again = lab.import_features("runs", folder / "quant.csv")
    assert again.unchanged
    assert "unchanged" in "\n".join(again.lines())
    assert lab.record.dataset("feature_areas").count_rows() == 3


def test_areas_are_exported_as_feature_based_networks_take_them(lab, folder):
    lab.import_features("runs", folder / "quant.csv")
    lab.export("feature_areas", folder / "back.csv", file_format="gnps-quant")
    with (folder / "back.csv").open() as stream:
        assert list(csv.reader(stream)) == [
            ["row ID", "row m/z", "row retention time", "coffee.mzML Peak area", "lemon.mzML Peak area"],
            ["12", "195.0877", "3.0", "1000.5", "0.0"],
            ["13", "132.1019", "1.1", "", "250000.0"],
        ]
    assert lab.import_features("runs", folder / "back.csv").n_areas == 3
    with pytest.raises(BadParameter, match="export feature_areas"):
        lab.export("spectra", folder / "no.csv", file_format="gnps-quant")
    with pytest.raises(NoSpectra, match="no areas"):
        lab.export("feature_areas", folder / "no.csv", file_format="gnps-quant", study="other")


def test_areas_are_abundances_of_mztab(lab, folder):
    lab.import_features("runs", folder / "quant.csv")
    (folder / "reference.msp").write_text(LIBRARY_MSP)
    lab.import_library("reference", folder / "reference.msp")
    lab.identify("runs", "reference", method="cosine_greedy", name="first")
    lab.export("identifications", folder / "x.mztab")
    lines = [line.split("\t") for line in (folder / "x.mztab").read_text().splitlines()]
    heads = {line[0]: line for line in lines if line[0] in ("SFH", "SMH")}
    of = {"SMF": heads["SFH"].index("abundance_assay[1]"), "SML": heads["SMH"].index("abundance_assay[1]")}
    # Of the two queries one is of a feature in the table; the study variable is the mean of its one run.
    assert sorted(line[of["SMF"]] for line in lines if line[0] == "SMF") == ["1000.5", "null"]
    assert min(line[of["SML"] :] for line in lines if line[0] == "SML")[:2] == ["1000.5", "1000.5"]
    assert ["MTD", "small_molecule-quantification_unit", "[MS, MS:1001844, MS1 feature area, ]"] in lines


def test_another_table_takes_the_place_of_the_one_before(lab, folder):
    (folder / "other.csv").write_text("id,mz,rt,datafile:coffee.mzML:area\n12,195.0877,3.0,7\n")
    report = lab.import_features("runs", folder / "other.csv")
    assert not any("no run" in note for note in report.notes)
    assert lab.sql("SELECT feature_id, area, file_name FROM feature_areas").fetchall() == [("12", 7.0, "other.csv")]
    assert lab.record.dataset("feature_areas").count_rows() == 1


def test_what_cannot_be_read_is_refused_and_leaves_what_was_there(lab, folder):
    lab.import_features("runs", folder / "quant.csv")
    wrong = {
        "neither that of MZmine": "a,b\n1,2\n",
        "much": "row ID,row m/z,row retention time,a.mzML Peak area\n1,100,1,much\n",
        "several areas in the run a": "row ID,row m/z,row retention time,a.mzML Peak area\n1,100,1,2\n1,100,1,3\n",
        "no feature has an area": "row ID,row m/z,row retention time,a.mzML Peak area\n1,100,1,\n",
    }
    for told, text in wrong.items():
        (folder / "wrong.csv").write_text(text)
        with pytest.raises(BadFeatureTable, match=told):
            lab.import_features("runs", folder / "wrong.csv")
    with pytest.raises(BadFeatureTable, match="cannot be read"):
        lab.import_features("runs", folder / "missing.csv")
    with pytest.raises(BadParameter, match="mzmine, msdial"):
        lab.import_features("runs", folder / "quant.csv", file_format="xcms")
    with pytest.raises(NoCollection):
        lab.import_features("nothing", folder / "quant.csv")
    assert lab.sql("SELECT count(*) FROM feature_areas").fetchall() == [(3,)]


def test_the_command_line_imports_and_removal_takes_them_away(lab, folder):
    told = CliRunner().invoke(main, ["import-features", str(lab.path), "runs", str(folder / "quant.csv"), "--json"])
    assert json.loads(told.stdout)["n_areas"] == 3, told.output
    report = lab.remove("study", "runs")
    assert report.counts["feature_areas"] == 3
    assert lab.sql("SELECT count(*) FROM feature_areas").fetchall() == [(0,)]
