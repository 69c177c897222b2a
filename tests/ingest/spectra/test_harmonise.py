from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from spectradb.errors import BadParameter
from spectradb.ingest.fields.drop_reasons import REASONS, Tally
from spectradb.ingest.readers.raw import RAW_SCHEMA, batches
from spectradb.ingest.spectra.harmonise import HARMONISED_SCHEMA, Harmoniser
from spectradb.ingest.spectra.peaks import PeakRecipe, hash_peaks
from spectradb.ingest.spectra.splash import splashes

MASSBANK = Path(__file__).parents[4] / "shared" / "data" / "massbank" / "massbank_2025.05.1.parquet"

CAFFEINE = {
    "native_id": "X1",
    "place": "spectrum 1",
    "precursor_mz": 195.0877,
    "ion_mode": "POSITIVE",
    "adduct": "M+H",
    "smiles": "Cn1cnc2c1c(=O)n(C)c(=O)n2C",
    "mz": [138.0662, 110.0713],
    "intensity": [100.0, 25.0],
}


def raw(*changes):
    """One batch: a caffeine spectrum per mapping, with that mapping's values instead of its own."""
    records = [CAFFEINE | {"native_id": f"X{i}", "place": f"spectrum {i}"} | change for i, change in enumerate(changes, 1)]
    return next(batches(records))


def harmonise(*changes, kind="library", run=None, **settings):
    harmoniser = Harmoniser("test", kind, PeakRecipe(), **settings)
    table = harmoniser.apply(raw(*changes), run)
    counts = harmoniser.tally.counts
    assert counts["read", ""] == counts["kept", ""] + sum(n for (outcome, _), n in counts.items() if outcome == "dropped")
    assert counts["kept", ""] == table.num_rows
    return table.to_pylist(), harmoniser.tally


def reasons(tally):
    return {f"{outcome} {reason}": count for (outcome, reason), count in tally.counts.items() if reason}


def test_a_whole_record():
    stated = {
        "ms_level": 2,
        "collision_energy": "35 (NCE)",
        "instrument": "Q Exactive",
        "instrument_type": "LC-ESI-QFT",
        "retention_time_s": 61.5,
        "name": " Caffeine ",
        "inchikey": "RYYVLZVUVIJVGH-UHFFFAOYSA-N",
        "pubchem_cid": 2519,
        "contributor": "Lab",
        "source_license": "CC0",
    }
    [row], tally = harmonise(stated, run="file.mgf")
    assert reasons(tally) == {}
    assert row.pop("monoisotopic_mass") == pytest.approx(194.080376, abs=1e-6)
    peaks = (np.array([0, 2]), np.array([110.0713, 138.0662]), np.array([25.0, 100.0]))
    assert row.pop("peaks_hash") == hash_peaks(*peaks)[0]
    assert row.pop("splash") == splashes(*peaks)[0].as_py()
    assert row == {
        "native_id": "X1",
        "run": "file.mgf",
        "ms_level": 2,
        "precursor_mz": 195.0877,
        "precursor_mz_stated": 195.0877,
        "precursor_mz_computed": pytest.approx(195.087652, abs=1e-6),
        "precursor_source": "stated",
        "precursor_check": "agrees",
        "isolation_window_lower": None,
        "isolation_window_upper": None,
        "run_started": None,
        "charge": 1,
        "ion_mode": "positive",
        "adduct": "[M+H]+",
        "collision_energy": "35 (NCE)",
        "collision_energy_ev": None,
        "collision_energy_nce": 35.0,
        "instrument": "Q Exactive",
        "instrument_type": "LC-ESI-QFT",
        "contributor": "Lab",
        "source_license": "CC0",
        "retention_time_s": 61.5,
        "feature_id": None,
        "precursor_intensity": None,
        "ion_mobility": None,
        "ion_mobility_type": None,
        "ccs": None,
        "mz": [110.0713, 138.0662],
        "intensity": [25.0, 100.0],
        "n_peaks": 2,
        "tic": 125.0,
        "analyte_id": "RYYVLZVUVIJVGH",
        "name": "Caffeine",
        "smiles": "Cn1c(=O)c2c(ncn2C)n(C)c1=O",
        "inchikey": "RYYVLZVUVIJVGH-UHFFFAOYSA-N",
        "formula": "C8H10N4O2",
        "pubchem_cid": 2519,
    }


def test_what_was_measured_beside_the_peaks():
    told = {"feature_id": " 12 ", "precursor_intensity": 1e5, "ion_mobility": 0.75, "ion_mobility_type": "1/K0", "ccs": 153.4}
    [row], _ = harmonise(told)
    assert {name: row[name] for name in told} == told | {
        "feature_id": "12",
        "ion_mobility_type": "inverse reduced ion mobility",
    }
    [row], _ = harmonise({"feature_id": "N/A", "precursor_intensity": 0.0, "ion_mobility": -1.0, "ccs": float("inf")})
    assert {row[name] for name in told} == {None}


def test_an_ion_mobility_of_unknown_kind_is_counted_and_a_voltage_may_be_negative():
    [row], tally = harmonise({"ion_mobility": 0.75})
    assert (row["ion_mobility"], row["ion_mobility_type"]) == (0.75, None)
    assert tally.counts["changed", "ion_mobility_type_unknown"] == 1
    [row], tally = harmonise({"ion_mobility": -45.0, "ion_mobility_type": "FAIMS CV"})
    assert (row["ion_mobility"], row["ion_mobility_type"]) == (-45.0, "FAIMS compensation voltage")
    assert ("changed", "ion_mobility_type_unknown") not in tally.counts
    [row], _ = harmonise({"ion_mobility": -1.0, "ion_mobility_type": "drift time"})
    assert (row["ion_mobility"], row["ion_mobility_type"]) == (None, None)


def test_columns_and_types_are_the_contract():
    table = Harmoniser("test", "study", PeakRecipe()).apply(raw({}), None)
    assert table.schema.equals(HARMONISED_SCHEMA)
    assert len(table.schema) == 40


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"ms_level": 1}, "ms1"),
        ({"isolation_window_lower": 192.4, "isolation_window_upper": 197.6}, "wide_isolation_window"),
        ({"flags": ["several_precursors"], "precursor_mz": None}, "several_precursors"),
        ({"flags": ["precursor_level_unknown"], "precursor_mz": None}, "precursor_level_unknown"),
        ({"is_profile": True}, "profile_peaks"),
        ({"mz": [1.0, 2.0, 3.0]}, "mismatched_peaks"),
        ({"mz": None}, "mismatched_peaks"),
        ({"mz": [], "intensity": []}, "no_peaks"),
        ({"mz": None, "intensity": None}, "no_peaks"),
        ({"intensity": [0.0, -1.0]}, "no_peaks"),
        ({"mz": [None, 138.0], "intensity": [1.0, None]}, "no_peaks"),
        ({"ion_mode": "n/a", "adduct": None}, "no_ion_mode"),
        ({"ion_mode": None, "adduct": "?", "charge": 0}, "no_ion_mode"),
        ({"precursor_mz": None, "adduct": None}, "no_precursor_mz"),
        ({"precursor_mz": 0.0, "smiles": None}, "no_precursor_mz"),
        ({"precursor_mz": None, "adduct": "[M-C10H16O8+H]+"}, "no_precursor_mz"),
        ({"smiles": None, "name": None}, "no_structure"),
        ({"smiles": "CC*", "name": "Unknown 7"}, "no_structure"),
        ({"smiles": "N/A", "inchi": "N/A", "inchikey": "NA", "name": "N/A"}, "no_structure"),
    ],
)
def test_each_reason_to_drop(change, reason):
    rows, tally = harmonise({}, change, {})
    assert [row["native_id"] for row in rows] == ["X1", "X3"]
    assert tally.counts["dropped", reason] == 1
    assert tally.examples["dropped", reason] == "spectrum 2"
    assert [key for key in reasons(tally) if key.startswith("dropped")] == [f"dropped {reason}"]


@pytest.mark.parametrize(
    ("change", "reason", "expected"),
    [
        ({"inchikey": "AAAAAAAAAAAAAA-UHFFFAOYSA-N"}, "inchikey_corrected", {"inchikey": "RYYVLZVUVIJVGH-UHFFFAOYSA-N"}),
        ({"smiles": "C1C", "inchikey": "RYYVLZVUVIJVGH-UHFFFAOYAS"}, "bad_structure", {"analyte_id": "RYYVLZVUVIJVGH"}),
        ({"precursor_mz": None}, "precursor_computed", {"precursor_mz": pytest.approx(195.087652, abs=1e-6)}),
        ({"precursor_mz": float("nan")}, "precursor_computed", {"precursor_check": "computed"}),
        ({"precursor_mz": 195.0}, "precursor_disagrees", {"precursor_mz_stated": 195.0, "precursor_source": "computed"}),
        ({"precursor_mz": 217.0696}, "precursor_fits_other_adduct", {"precursor_mz": 217.0696, "precursor_source": "stated"}),
        ({"precursor_mz": 204.1442}, "precursor_fits_labels", {"precursor_mz": 204.1442, "precursor_check": "disagrees"}),
        ({"smiles": "C[N+](C)(C)CCO"}, "ion_unclear", {"precursor_mz": 195.0877, "precursor_check": "unchecked"}),
        ({"flags": ["several_selected_ions"]}, "several_selected_ions", {"precursor_mz": 195.0877}),
        ({"flags": ["precursor_outside_window"]}, "precursor_outside_window", {"precursor_mz": 195.0877}),
        ({"adduct": "[M+Xx]+"}, "adduct_unreadable", {"adduct": None, "charge": None, "precursor_check": "unchecked"}),
        ({"ion_mode": "negative"}, "adduct_contradicts_ion_mode", {"adduct": None, "ion_mode": "negative"}),
        ({"mz": [50.0, 60.0, 70.0], "intensity": [1.0, 1000.0, 0.5]}, "peaks_removed", {"n_peaks": 2, "tic": 1001.5}),
        ({"mz": [50.0, 50.0], "intensity": [1.0, 2.0]}, "peaks_removed", {"mz": [50.0], "intensity": [3.0]}),
    ],
)
def test_each_reason_to_change(change, reason, expected):
    rows, tally = harmonise({}, change)
    assert reasons(tally) == {f"changed {reason}": 1}
    assert tally.examples["changed", reason] == "spectrum 2"
    assert {name: rows[1][name] for name in expected} == expected


@pytest.mark.parametrize(
    ("off", "check"), [(0.0099, "agrees"), (-0.0099, "agrees"), (0.0101, "disagrees"), (-0.0101, "disagrees")]
)
def test_precursor_tolerance_of_small_molecules(off, check):
    rows, _ = harmonise({"precursor_mz": 195.087652 + off})
    assert rows[0]["precursor_check"] == check


@pytest.mark.parametrize(("ppm", "check"), [(19.9, "agrees"), (20.1, "disagrees")])
def test_precursor_tolerance_of_large_molecules(ppm, check):
    smiles = "C" * 100  # C100H202, 1403.580657 Da, where 20 ppm are more than 0.01 Da
    rows, _ = harmonise({"smiles": smiles, "precursor_mz": 1404.587933 * (1 + ppm * 1e-6)})
    assert rows[0]["precursor_check"] == check


@pytest.mark.parametrize(
    ("change", "default", "mode", "charge"),
    [
        ({"ion_mode": "neg", "adduct": None}, "positive", "negative", None),
        ({"ion_mode": "n/a", "adduct": "[M-H]-"}, "positive", "negative", -1),
        ({"ion_mode": None, "adduct": None, "charge": -2}, "positive", "negative", -2),
        ({"ion_mode": None, "adduct": None, "charge": 2}, "negative", "negative", -2),
        ({"ion_mode": None, "adduct": None, "charge": 2}, None, "positive", 2),
        ({"ion_mode": None, "adduct": None}, "negative", "negative", None),
        ({"ion_mode": "negative", "adduct": None, "charge": 1}, None, "negative", -1),
        ({"adduct": "[M+2H]2+", "charge": 1}, None, "positive", 2),
        ({"adduct": "[M]"}, None, "positive", 1),
        ({"ion_mode": None, "adduct": "[M]"}, "negative", "negative", -1),
        ({"adduct": None, "charge": 1000}, None, "positive", None),
    ],
)
def test_ion_mode_and_charge(change, default, mode, charge):
    [row], _ = harmonise(change, kind="study", ion_mode_default=default)
    assert (row["ion_mode"], row["charge"]) == (mode, charge)


@pytest.mark.parametrize(("width", "kept"), [(1.0, 0), (1.2, 1), (float("inf"), 1)])
def test_the_widest_isolation_window_can_be_set(width, kept):
    window = {"isolation_window_lower": 194.5, "isolation_window_upper": 195.6}
    rows, _ = harmonise(window, max_isolation_width=width)
    assert len(rows) == kept
    assert all((row["isolation_window_lower"], row["isolation_window_upper"]) == (194.5, 195.6) for row in rows)


@pytest.mark.parametrize("width", [0.0, -1.0, float("nan")])
def test_a_width_without_meaning(width):
    with pytest.raises(BadParameter, match="max_isolation_width is"):
        harmonise({}, max_isolation_width=width)


def test_a_study_keeps_spectra_without_structure():
    rows, tally = harmonise({"smiles": None}, {"smiles": "C1C", "inchikey": "bad"}, kind="study")
    assert [row["analyte_id"] for row in rows] == [None, None]
    assert [row["precursor_check"] for row in rows] == ["unchecked", "unchecked"]
    assert reasons(tally) == {"changed bad_structure": 1}


def test_a_key_alone_is_enough_for_a_library():
    [row], tally = harmonise({"smiles": "N/A", "inchikey": "RYYVLZVUVIJVGH-UHFFFAOYAS", "formula": "C8H10N4O2"})
    assert (row["analyte_id"], row["inchikey"], row["smiles"], row["formula"]) == ("RYYVLZVUVIJVGH", None, None, "C8H10N4O2")
    assert reasons(tally) == {}


def test_placeholders_and_impossible_values_become_null():
    placeholders = {
        "instrument": "N/A",
        "contributor": "",
        "name": "unknown",
        "source_license": "-",
        "collision_energy": "n.d.",
    }
    [row], _ = harmonise(placeholders | {"retention_time_s": -1.0, "pubchem_cid": 0, "ms_level": None})
    assert [row[name] for name in (*placeholders, "retention_time_s", "pubchem_cid")] == [None] * 7
    assert row["ms_level"] == 2


def test_the_run_stated_wins_and_the_place_stands_in_for_a_missing_id():
    rows, _ = harmonise({"run": "a"}, {"native_id": None}, run="file")
    assert [(row["run"], row["native_id"]) for row in rows] == [("a", "X1"), ("file", "spectrum 2")]


def test_slices_and_null_lists_do_not_shift_peaks():
    batch = raw(
        {"mz": [1.0] * 3, "intensity": [1.0] * 3}, {"mz": None, "intensity": None}, {}, {"ms_level": 1}, {"mz": [7.0, 8.0]}
    )
    table = Harmoniser("test", "library", PeakRecipe()).apply(batch.slice(1), None)
    assert table.column("native_id").to_pylist() == ["X3", "X5"]
    assert table.column("mz").to_pylist() == [[110.0713, 138.0662], [7.0, 8.0]]
    assert table.column("intensity").to_pylist() == [[25.0, 100.0], [100.0, 25.0]]


@pytest.mark.parametrize("changes", [[], [{"ms_level": 1}], [{"mz": [], "intensity": []}]])
def test_nothing_kept_is_an_empty_table(changes):
    batch = raw(*changes) if changes else raw({}).slice(1)
    table = Harmoniser("test", "library", PeakRecipe()).apply(batch, None)
    assert table.num_rows == 0
    assert table.schema.equals(HARMONISED_SCHEMA)


def test_tallies_grow_over_batches():
    harmoniser = Harmoniser("test", "library", PeakRecipe())
    for places in (["first", "second"], ["third"]):
        harmoniser.apply(raw(*({"ms_level": 1, "place": place} for place in places)), None)
    assert harmoniser.tally.counts == {("read", ""): 3, ("dropped", "ms1"): 3}
    assert harmoniser.tally.examples == {("dropped", "ms1"): "first"}


def test_tallies_of_files_add_up():
    first, second = Tally(), Tally()
    first.add("dropped", "ms1", count=2, place="a")
    second.add("dropped", "ms1", place="b")
    second.add("dropped", "unreadable_file", place="c")
    first.update(second)
    assert first.counts == {("dropped", "ms1"): 3, ("dropped", "unreadable_file"): 1}
    assert first.examples == {("dropped", "ms1"): "a", ("dropped", "unreadable_file"): "c"}


@pytest.mark.parametrize(("outcome", "reason"), [("dropped", "bad luck"), ("dropped", ""), ("kept", "ms1")])
def test_tallies_refuse_reasons_without_a_sentence(outcome, reason):
    with pytest.raises(BadParameter, match="reason"):
        Tally().add(outcome, reason)


def test_every_reason_has_a_sentence_and_a_remedy():
    assert {"ms1", "no_structure", "already_imported", "unreadable_file", "peaks_removed"} <= REASONS.keys()
    for name, reason in REASONS.items():
        assert name.replace("_", "").isalnum()
        assert name.islower()
        assert reason.sentence.endswith(".")
        assert reason.remedy.endswith(".")


@pytest.mark.parametrize("settings", [{"kind": "shelf"}, {"kind": "library", "ion_mode_default": "both"}])
def test_settings_without_meaning_are_refused(settings):
    with pytest.raises(BadParameter, match="test: "):
        Harmoniser("test", recipe=PeakRecipe(), **settings)


def test_another_schema_is_refused():
    with pytest.raises(BadParameter, match="RAW_SCHEMA"):
        Harmoniser("test", "library", PeakRecipe()).apply(pa.record_batch({"mz": [1.0]}), None)


def test_massbank_is_kept_and_its_high_resolution_precursors_agree():
    if not MASSBANK.exists():
        pytest.skip(f"no {MASSBANK.name} beside the repository")
    filters = [("contributor", "in", ["Athens_Univ", "Eawag", "LCSB", "NaToxAq"])]
    table = pq.read_table(MASSBANK, filters=filters).select(
        ["accession", "precursor_mz", "ion_mode", "adduct", "smiles", "inchikey"]
    )
    table = table.take(list(range(0, table.num_rows, 20)))
    n = table.num_rows
    named = {"accession": "native_id"}
    columns = {named.get(name, name): table.column(name) for name in table.column_names}
    peaks = {"mz": [[100.0]] * n, "intensity": [[1.0]] * n}
    arrays = [
        pa.array(peaks[field.name], field.type)
        if field.name in peaks
        else columns[field.name].combine_chunks()
        if field.name in columns
        else pa.nulls(n, field.type)
        for field in RAW_SCHEMA
    ]
    harmoniser = Harmoniser("massbank", "library", PeakRecipe())
    kept = harmoniser.apply(pa.RecordBatch.from_arrays(arrays, schema=RAW_SCHEMA), None)
    assert kept.num_rows == n > 1000
    # Adducts that a permanently charged structure cannot have, such as its [M+H]+, tell nothing.
    checks = zip(kept.column("precursor_check").to_pylist(), kept.column("smiles").to_pylist(), strict=True)
    others = [(check, smiles) for check, smiles in checks if check != "agrees"]
    assert len(others) < n / 100
    assert all(check == "unchecked" and "+" in smiles for check, smiles in others)
