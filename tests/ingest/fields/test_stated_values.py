"""What formats share: words and numbers of a file, from the file to what is stored and what the import says about it."""

import pytest
from click.testing import CliRunner
from empty_lab import empty_lab
from made_files import one

from spectradb.cli import main
from spectradb.errors import BadParameter
from spectradb.ingest.fields.drop_reasons import REASONS
from spectradb.ingest.readers.raw import batches
from spectradb.ingest.spectra.harmonise import Harmoniser
from spectradb.ingest.spectra.peaks import PeakRecipe

ETHANOL = {"native_id": "X", "place": "line 1", "precursor_mz": 150.5, "ion_mode": "positive", "mz": [50.5], "intensity": [1.0]}


def harmonise(*changes, **settings):
    harmoniser = Harmoniser("test", "study", PeakRecipe(), **settings)
    rows = harmoniser.apply(next(batches([ETHANOL | change for change in changes]))).to_pylist()
    counts = harmoniser.tally.counts
    return rows, {f"{outcome} {reason}": n for (outcome, reason), n in counts.items() if reason}


@pytest.mark.parametrize("mode", ["-", "N", "neg", "NEGATIVE", "ESI(-)", "\u2212"])
def test_a_sign_is_an_ion_mode_and_no_placeholder(mode):
    [row], reasons = harmonise({"ion_mode": mode, "charge": 1})
    assert (row["ion_mode"], row["charge"]) == ("negative", -1)
    assert reasons == {}


def test_contradicting_charges_are_flagged_and_take_the_sign_of_the_mode():
    rows, reasons = harmonise({"charge": -2}, {"charge": 2}, {"charge": -1, "ion_mode": None})
    assert [(row["ion_mode"], row["charge"]) for row in rows] == [("positive", 2), ("positive", 2), ("negative", -1)]
    assert reasons == {"changed charge_contradicts_ion_mode": 1}


def test_an_ion_mode_that_says_nothing_is_flagged_unless_it_is_a_placeholder():
    rows, reasons = harmonise({"ion_mode": "both", "adduct": "[M-H]-"}, {"ion_mode": "n/a", "adduct": "[M-H]-"})
    assert [row["ion_mode"] for row in rows] == ["negative", "negative"]
    assert reasons == {"changed ion_mode_unreadable": 1}


def test_an_energy_with_an_unclear_comma_is_flagged():
    rows, reasons = harmonise({"collision_energy": "20,35"}, {"collision_energy": "20,35,50"}, {"collision_energy": "HCD, low"})
    assert [(row["collision_energy"], row["collision_energy_ev"]) for row in rows] == [
        ("20,35", None),
        ("20,35,50", 35.0),
        ("HCD, low", None),
    ]
    assert reasons == {"changed collision_energy_unreadable": 1}


def test_level_zero_is_no_ms1():
    rows, reasons = harmonise({"ms_level": 0}, {"ms_level": 1}, {"ms_level": 3})
    assert [row["ms_level"] for row in rows] == [2, 3]
    assert reasons == {"dropped ms1": 1, "changed ms_level_unreadable": 1}


@pytest.mark.parametrize(
    ("rt_unit", "times", "reasons"),
    [
        (None, [300.0, None, 42.0], {"changed retention_time_unit_assumed": 1, "changed retention_time_unit_unknown": 1}),
        ("seconds", [5.0, 7.0, 42.0], {}),
        ("minutes", [300.0, 420.0, 42.0], {}),
    ],
)
def test_times_without_a_unit(rt_unit, times, reasons):
    rows, found = harmonise(
        {"retention_time_s": 300.0, "retention_time_unitless": 5.0},
        {"retention_time_unitless": 7.0},
        {"retention_time_s": 42.0},
        rt_unit=rt_unit,
    )
    assert [row["retention_time_s"] for row in rows] == times
    assert found == reasons


def test_an_unknown_unit_is_refused():
    with pytest.raises(BadParameter, match="rt_unit is 'hours': use 'seconds' or 'minutes'"):
        Harmoniser("test", "study", PeakRecipe(), rt_unit="hours")


def test_withdrawn_records_are_dropped_for_that_reason_before_any_other():
    rows, reasons = harmonise({"flags": ["deprecated_record"], "mz": [], "intensity": [], "ms_level": 1}, {})
    assert len(rows) == 1
    assert reasons == {"dropped deprecated_record": 1}


def test_an_unreadable_precursor_is_the_reason_unless_it_can_be_computed():
    flags = {"flags": ["precursor_unreadable"], "precursor_mz": None}
    rows, reasons = harmonise(flags, flags | {"smiles": "CCO", "adduct": "[M+H]+"})
    assert [row["precursor_mz"] for row in rows] == [pytest.approx(47.0491, abs=1e-4)]
    assert reasons == {
        "dropped precursor_unreadable": 1,
        "changed precursor_unreadable": 1,
        "changed precursor_computed": 1,
    }


MGF = "BEGIN IONS\nTITLE=first\nPEPMASS=150,5\nIONMODE=-\nCHARGE=1+\nRT=5\n50,5 10\n60,25 1,5\nEND IONS\n"
MSP = (
    "Name: first\nPRECURSORMZ: 150,5\nComment: DB#=X; Ion_mode=N; Precursor_type=[M-H]-;\nRT: 5\n"
    "Num Peaks: 2\n50,5 10\n60,25 1,5\n"
)
GNPS = (
    '[{"spectrum_id": "first", "Precursor_MZ": "150,5", "Ion_Mode": "-", "Charge": "1+", "rt": 5, '
    '"peaks_json": [[50.5, 10], [60.25, 1.5]]}]'
)
TABLE = "id;mz;mode\nfirst;150,5;-\n"
SELECT = (
    "SELECT id AS native_id, mz AS precursor_mz, mode AS ion_mode, 5 AS retention_time_unitless, "
    "[50.5, 60.25] AS mz, [10, 1.5] AS intensity FROM read_csv('{file}', delim = ';', all_varchar = true)"
)


@pytest.mark.parametrize(
    ("name", "text", "settings", "time"),
    [
        ("a.mgf", MGF, {}, None),
        ("a.mgf", MGF, {"rt_unit": "minutes"}, 300.0),
        ("a.msp", MSP, {}, 300.0),
        ("a.msp", MSP, {"rt_unit": "seconds"}, 5.0),
        ("a.json", GNPS, {}, 5.0),
        ("a.json", GNPS, {"rt_unit": "minutes"}, 300.0),
        ("a.csv", TABLE, {"rt_unit": "minutes", "select": SELECT}, 300.0),
    ],
)
def test_from_the_file_to_the_lab(tmp_path, name, text, settings, time):
    file = tmp_path / name
    file.write_text(text)
    lab = empty_lab(tmp_path / "lab")
    report = lab.import_study("s", file, **settings)
    query = "SELECT precursor_mz, ion_mode, retention_time_s, mz, intensity FROM spectra"
    assert one(lab, query) == [(150.5, "negative", time, [50.5, 60.25], [10.0, 1.5])]
    said = {reason for reason, _, _ in report.by_reason("changed")}
    if "rt_unit" in settings:
        assert not said & {"retention_time_unit_assumed", "retention_time_unit_unknown"}
    else:
        reason = "retention_time_unit_unknown" if time is None else "retention_time_unit_assumed"
        assert f"{reason}: {' '.join(REASONS[reason])}" in "\n".join(report.lines())


def test_the_command_takes_the_unit_too(tmp_path):
    file = tmp_path / "a.mgf"
    file.write_text(MGF)
    lab = empty_lab(tmp_path / "lab")
    result = CliRunner().invoke(main, ["import-study", str(tmp_path / "lab"), "s", str(file), "--rt-unit", "minutes"])
    assert result.exit_code == 0
    assert one(lab, "SELECT retention_time_s FROM spectra") == [300.0]


def test_imports_without_a_unit_are_known_again(tmp_path):
    file = tmp_path / "a.mgf"
    file.write_text(MGF)
    lab = empty_lab(tmp_path / "lab")
    lab.import_study("s", file)
    assert lab.import_study("s", file, rt_unit=None).unchanged
    # In another unit the record is another version of what is stored.
    assert not lab.import_study("s", file, rt_unit="minutes", replace=True).unchanged
    assert one(lab, "SELECT retention_time_s FROM spectra") == [300.0]
