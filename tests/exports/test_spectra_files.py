"""Spectra written to files are read back the same: by the own readers and, where they know the format, by other packages."""

import csv
from collections import Counter

import pytest
from matchms.importing import load_from_mgf, load_from_msp
from mzspeclib import SpectrumLibrary
from mzspeclib.validate import validator
from pyteomics import mgf

from spectradb import schemas
from spectradb.errors import BadParameter, BadSelect
from spectradb.ingest.readers import formats
from spectradb.ingest.readers.raw import Problems

FILES = ("x.mgf", "x.msp", "x.mzspeclib.txt", "x.ms")
KNOWN = "SELECT s.*, a.smiles, a.inchikey, a.formula FROM spectra s JOIN annotations a USING (spectrum_id)"
PEAK = "[1.0] AS mz, [1.0] AS intensity"


def read(file):
    problems = Problems()
    rows = [row for batch in formats.detect(file).read(file, problems) for row in batch.to_pylist()]
    assert problems.found == []
    return {row["native_id"]: row for row in rows}


@pytest.mark.parametrize("name", FILES)
def test_what_is_written_is_read_back(tiny_lab, tmp_path, name):
    report = tiny_lab.export("spectra", tmp_path / name, study="reference")
    assert report.lines() == [f"9 rows of spectra written to {tmp_path / name}"]
    found = read(tmp_path / name)
    stored = tiny_lab.sql(f"{KNOWN} WHERE s.collection = 'reference' ORDER BY spectrum_id").to_arrow_table().to_pylist()
    assert len(found) == len(stored) == 9
    same = ["precursor_mz", "charge", "adduct", "name", "smiles", "inchikey", "formula", "mz", "intensity"]
    if name != "x.ms":  # which has no place for these, nor for the unit of an energy
        same += ["ion_mode", "instrument_type", "collision_energy", "ms_level"]
    for row in stored:
        assert {key: found[row["native_id"]][key] for key in same} == {key: row[key] for key in same}


def test_runs_and_times_of_a_study(tiny_lab, tmp_path):
    for name in ("x.mgf", "x.msp", "x.mzspeclib.txt", "x.ms"):
        tiny_lab.export("SELECT * FROM spectra WHERE run_id = 'kitchen/coffee_1'", tmp_path / name)
        found = read(tmp_path / name)
        assert {key: row["retention_time_s"] for key, row in found.items()} == {
            "coffee:1": 60.0,
            "coffee:2": 66.0,
            "coffee:3": 180.0,
            "coffee:4": 72.0,
        }
    assert {row["run"] for row in read(tmp_path / "x.mgf").values()} == {"coffee_1.mgf"}


@pytest.mark.parametrize("name", ["x.mgf", "x.msp", "x.mzspeclib.txt"])
def test_ion_mobilities_keep_their_kind(tiny_lab, tmp_path, name):
    kinds = {"R1": "inverse reduced ion mobility", "R2": "ion mobility drift time", "R3": "FAIMS compensation voltage"}
    case = " ".join(f"WHEN '{key}' THEN '{kind}'" for key, kind in kinds.items())
    told = f"SELECT * REPLACE (-1.5 AS ion_mobility, CASE native_id {case} END AS ion_mobility_type, 153.4 AS ccs) FROM spectra"
    tiny_lab.export(f"{told} WHERE native_id IN ('R1', 'R2', 'R3')", tmp_path / name)
    found = read(tmp_path / name)
    assert {key: row["ion_mobility_type"] for key, row in found.items()} == kinds
    assert {(row["ion_mobility"], row["ccs"]) for row in found.values()} == {(-1.5, 153.4)}


def test_other_packages_read_them(tiny_lab, tmp_path):
    for name in FILES:
        tiny_lab.export("SELECT * FROM spectra WHERE native_id = 'R2'", tmp_path / name)
    for (spectrum,) in (list(load_from_mgf(str(tmp_path / "x.mgf"))), list(load_from_msp(str(tmp_path / "x.msp")))):
        assert spectrum.peaks.mz.tolist() == [30.0338, 43.0542, 44.0495, 86.0964]
        names = ("precursor_mz", "charge", "ionmode", "adduct", "compound_name", "collision_energy")
        assert [spectrum.get(key) for key in names] == [132.1019, 1, "positive", "[M+H]+", "L-Leucine", "20 eV"]
    (spectrum,) = mgf.read(str(tmp_path / "x.mgf"))
    assert (spectrum["params"]["title"], spectrum["params"]["pepmass"][0]) == ("R2", 132.1019)
    assert spectrum["params"]["charge"] == [1]
    library = SpectrumLibrary(filename=str(tmp_path / "x.mzspeclib.txt"))
    checks = validator.load_default_validator()
    checks.validate_library(library)
    broken = Counter(error.requirement_level.name for part in checks.validators for error in part.error_log)
    assert broken["must"] == 0


def test_titles_are_unique_where_identifiers_are_not(tiny_lab, tmp_path):
    tiny_lab.export(
        "SELECT * FROM spectra WHERE native_id = 'R2' UNION ALL FROM spectra WHERE native_id = 'R2'", tmp_path / "x.mgf"
    )
    titles = [spectrum["params"]["title"] for spectrum in mgf.read(str(tmp_path / "x.mgf"), use_index=False)]
    ((key,),) = tiny_lab.sql("SELECT spectrum_id FROM spectra WHERE native_id = 'R2'").fetchall()
    assert titles == ["R2", f"R2 ({key})"]


def test_spectra_made_up_in_sql(tiny_lab, tmp_path):
    made = (
        "SELECT [100.5, 200.25] AS mz, [1.0, 0.1] AS intensity, 300.5 AS precursor_mz, 'negative' AS ion_mode, 'a\nb' AS name"
    )
    tiny_lab.export(made, tmp_path / "x.mgf")
    assert (tmp_path / "x.mgf").read_text() == (
        "BEGIN IONS\nTITLE=spectrum 1\nPEPMASS=300.5\nIONMODE=negative\nNAME=a b\n100.5 1.0\n200.25 0.1\nEND IONS\n\n"
    )
    tiny_lab.export(made, tmp_path / "x.ms")
    assert (tmp_path / "x.ms").read_text() == (
        ">compound spectrum 1\n>parentmass 300.5\n>ionization [M+?]-\n#name a b\n\n>ms2\n100.5 1.0\n200.25 0.1\n\n"
    )
    ((row),) = read(tmp_path / "x.ms").values()
    assert (row["adduct"], row["ion_mode"], row["name"]) == (None, "negative", "a b")


def test_the_batch_of_gnps_names_each_scan(tiny_lab, tmp_path):
    tiny_lab.export("spectra", tmp_path / "batch.tsv", file_format="gnps-batch", study="reference")
    with (tmp_path / "batch.tsv").open(newline="") as table:
        rows = {row["EXTRACTSCAN"]: row for row in csv.DictReader(table, delimiter="\t")}
    spectra = {spectrum["params"]["scans"]: spectrum for spectrum in mgf.read(str(tmp_path / "batch.mgf"), use_index=False)}
    assert rows.keys() == spectra.keys() == {str(i) for i in range(1, 10)}
    for scan, row in rows.items():
        assert row["COMPOUND_NAME"] == spectra[scan]["params"]["name"]
    (row,) = (row for row in rows.values() if row["COMPOUND_NAME"] == "Citric acid")
    named = ("FILENAME", "SEQ", "MOLECULEMASS", "IONSOURCE", "CHARGE", "IONMODE", "ADDUCT", "LIBQUALITY", "PI")
    assert [row[key] for key in named] == ["batch.mgf", "*..*", "191.0197", "LC-ESI", "1", "Negative", "[M-H]-", "3", "N/A"]


@pytest.mark.covers("queries/lab/exported_spectra")
def test_exported_spectra_are_completed_from_the_lab(tiny_lab):
    con = tiny_lab.connection()
    columns = "NULL::VARCHAR AS formula, NULL::VARCHAR AS smiles, NULL::VARCHAR AS inchikey"
    asked = con.sql(f"SELECT *, {columns} FROM spectra WHERE native_id IN ('R9', 'coffee:3') ORDER BY native_id DESC")  # noqa: F841
    con.execute(schemas.read("queries/lab/exported_spectra"), {"separator": ":"})
    rows = con.to_arrow_table().select(["native_id", "file_name", "name", "formula", "n_peaks", "peaks"]).to_pylist()
    assert [tuple(row.values()) for row in rows] == [
        ("coffee:3", "coffee_1.mgf", None, "C8H10N4O2", 3, "110.0713:210.0\n138.0662:1000.0\n195.0877:550.0"),
        ("R9", None, "Salicylic acid", "C7H6O3", 2, "65.0386:300.0\n121.0284:1000.0"),
    ]


@pytest.mark.parametrize(
    ("what", "name", "options", "error", "told"),
    [
        ("SELECT mz FROM spectra", "x.mgf", {}, BadParameter, "the rows lack intensity, precursor_mz"),
        (f"SELECT {PEAK}, 0.0 AS precursor_mz", "x.mgf", {}, BadParameter, "spectrum 1 has no precursor"),
        (f"SELECT {PEAK}, 5.0 AS precursor_mz", "x.ms", {}, BadParameter, "neither adduct nor ion mode"),
        (f"SELECT {PEAK}, 5.0 AS precursor_mz", "x.tsv", {"file_format": "gnps-batch"}, BadParameter, "spectrum 1 has no name"),
        ("spectra", "x.mgf", {"file_format": "gnps-batch"}, BadParameter, "name the table, such as x.tsv"),
        ("spectra", "x.mgf", {"file_format": "sdf"}, BadParameter, "there is no format 'sdf'; there are: table, xlsx, mgf"),
        ("spectra", "x.sdf", {}, BadParameter, r"the suffix names no format. Use one of .parquet.*, .mztab"),
        ("spectra", "no/folder/x.mgf", {}, BadParameter, "cannot be written: there is no folder"),
        ("FROM spectra", "x.mgf", {"study": "kitchen"}, BadParameter, "a SELECT chooses its rows itself"),
        ("SELECT x FROM spectra", "x.csv", {}, BadSelect, "the SELECT cannot be run: .*x"),
        ("spektra", "x.mgf", {}, BadParameter, "no table or view 'spektra'.*Did you mean 'spectra'"),
    ],
)
def test_what_cannot_be_written_is_told_and_leaves_nothing(tiny_lab, tmp_path, what, name, options, error, told):
    with pytest.raises(error, match=told):
        tiny_lab.export(what, tmp_path / name, **options)
    assert list(tmp_path.iterdir()) == []
