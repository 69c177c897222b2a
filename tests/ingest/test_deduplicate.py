import time

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectradb.ingest.deduplicate import PRESENT_COLUMNS, Deduplicator
from spectradb.ingest.fields.drop_reasons import Tally
from spectradb.ingest.spectra.identity import hash63

TYPES = {
    "spectrum_id": pa.int64(),
    "record_hash": pa.int64(),
    "peaks_hash": pa.int64(),
    "precursor_mz": pa.float64(),
    "ion_mode": pa.string(),
    "adduct": pa.string(),
    "analyte_id": pa.string(),
}
NOTHING = pa.table({name: pa.array([], TYPES[name]) for name in PRESENT_COLUMNS})


def spectra(*rows):
    """Harmonised spectra from (native_id, peaks_hash[, precursor_mz, analyte_id, run])."""
    full = [(*row, *(100.0, "ANALYTE", None)[len(row) - 2 :]) for row in rows]
    names = ("native_id", "peaks_hash", "precursor_mz", "analyte_id", "run")
    types = (pa.string(), pa.int64(), pa.float64(), pa.string(), pa.string())
    table = pa.table({name: pa.array([row[i] for row in full], types[i]) for i, name in enumerate(names)})
    stated = pa.array([hash63(row[1], round(row[2], 4), row[3]) for row in full], pa.int64())
    table = table.append_column("record_hash", stated)
    for name in ("ion_mode", "adduct", "name"):
        table = table.append_column(name, pa.nulls(len(full), pa.string()))
    return table


class Import:
    """Imports files of spectra one after another, remembering what it stored."""

    def __init__(self, present=NOTHING, *, drop_duplicates=False, replace=False):
        self.deduplicator = Deduplicator("lib", present, drop_duplicates=drop_duplicates, replace=replace)
        self.replaced = []
        self.tally = Tally()
        self.stored = []

    def file(self, *rows, fails=False, batch=None):
        batches = [rows] if batch is None else [rows[i : i + batch] for i in range(0, len(rows), batch)]
        tables = []
        for some in batches:
            self.tally.add("kept", count=len(some))
            admitted = self.deduplicator.admit(spectra(*some), self.tally)
            tables.append(admitted.new)
            self.replaced += zip(*(admitted.replacing[c].to_pylist() for c in ("native_id", "precursor_mz")), strict=True)
        if fails:
            self.deduplicator.abandon_file()
        else:
            self.deduplicator.finish_file()
            self.stored += tables
        return [name for table in tables for name in table["native_id"].to_pylist()]

    @property
    def present(self):
        return pa.concat_tables([table.select(NOTHING.column_names) for table in self.stored])

    @property
    def dropped(self):
        return {reason: n for (outcome, reason), n in self.tally.counts.items() if outcome == "dropped"}


def test_ids_come_from_collection_run_and_native_id():
    table = (
        Deduplicator("lib", NOTHING, drop_duplicates=False)
        .admit(spectra(("A", 1), ("A", 1, 100.0, None, "r1"), ("A", 1, 100.0, None, "r2")), Tally())
        .new
    )
    assert table["spectrum_id"].to_pylist() == [hash63("lib", None, "A"), hash63("lib", "r1", "A"), hash63("lib", "r2", "A")]
    assert table.column_names == [*spectra().column_names, "spectrum_id"]


def test_repeats_are_numbered_across_files_and_batches():
    of = Import()
    assert of.file(("A", 1), ("B", 1), ("A", 2), batch=1) == ["A", "B", "A#2"]
    assert of.file(("A", 3), ("A", 1), ("A", 2), ("B", 1)) == ["A#3"]
    assert of.dropped == {"repeated_record": 3}
    assert of.tally.counts["kept", ""] == 4
    assert of.tally.counts["changed", "id_repeated"] == 2
    assert of.tally.examples["dropped", "repeated_record"] == "A"


def test_a_number_that_the_source_uses_is_passed_over():
    of = Import()
    assert of.file(("A", 1), ("A#2", 2), ("A", 3), ("A", 2)) == ["A", "A#2", "A#3"]
    assert of.dropped == {"repeated_record": 1}


def test_what_an_earlier_import_stored_is_known_under_its_number():
    first = Import()
    first.file(("A", 1), ("A", 2))
    second = Import(first.present)
    # The two stored are there again, so that the third is another spectrum, as in a first import of all three.
    assert second.file(("A", 2), ("A", 1), ("A", 3), ("B", 1)) == ["A#3", "B"]
    assert second.dropped == {"already_imported": 2}


def test_equal_peaks_are_no_repeat_where_anything_else_differs():
    of = Import()
    rows = (("A", 1, 100.0, "X"), ("A", 1, 100.0, "Y"), ("A", 1, 200.0, "X"), ("A", 1, 100.0, "X"))
    assert of.file(*rows) == ["A", "A#2", "A#3"]
    assert of.dropped == {"repeated_record": 1}


def test_another_version_of_a_stored_record_is_reported_and_not_taken():
    first = Import()
    first.file(("A", 1, 100.0, "X"), ("B", 1, 100.0, "X"))
    second = Import(first.present)
    assert second.file(("A", 1, 100.0, "Y"), ("B", 1, 100.0, "X"), ("C", 1)) == ["C"]
    assert second.dropped == {"record_changed": 1, "already_imported": 1}
    assert second.tally.examples["dropped", "record_changed"] == "A"
    assert second.replaced == []


def test_another_version_takes_the_place_of_the_stored_one_if_so_wished():
    first = Import()
    first.file(("A", 1, 100.0, "X"), ("A", 2, 100.0, "X"), ("B", 1, 100.0, "X"))
    second = Import(first.present, replace=True)
    assert second.file(("A", 1, 200.0, "X"), ("B", 1, 100.0, "X"), ("A", 2, 100.0, "X"), ("A", 1, 200.0, "X"), fails=True) == []
    second.replaced.clear()
    # The failed file has taken no place.
    assert second.file(("A", 2, 300.0, "X"), ("A", 1, 200.0, "X"), ("A", 1, 200.0, "X"), ("A", 9, 100.0, "X")) == ["A#3"]
    assert second.replaced == [("A", 300.0), ("A#2", 200.0)]
    assert second.tally.counts["changed", "record_replaced"] == 3
    assert second.dropped == {"already_imported": 2, "repeated_record": 2}


@pytest.mark.parametrize("replace", [False, True])
def test_of_an_identifier_that_is_the_name_of_the_compound_other_peaks_are_another_spectrum(replace):
    def named(*rows):
        table = spectra(*rows)
        names = pa.array(["caffeine"] * len(rows))
        return table.set_column(table.schema.get_field_index("name"), "name", names)

    first = Deduplicator("lib", NOTHING, drop_duplicates=False).admit(named(("caffeine [M+H]+", 1, 100.0, "X")), Tally()).new
    tally = Tally()
    second = Deduplicator("lib", first.select(PRESENT_COLUMNS), drop_duplicates=False, replace=replace)
    rows = (("caffeine [M+H]+", 2, 100.0, "X"), ("caffeine [M+H]+", 1, 100.0, "Y"), ("caffeine [M+H]+", 2, 100.0, "X"))
    admitted = second.admit(named(*rows), tally)
    assert admitted.new["native_id"].to_pylist() == ["caffeine [M+H]+#2"]
    assert admitted.replacing["analyte_id"].to_pylist() == (["Y"] if replace else [])
    assert tally.counts["dropped", "record_changed"] == (0 if replace else 1)
    assert tally.counts["dropped", "repeated_record"] == 1


def test_a_replacement_is_no_duplicate_of_what_it_replaces():
    first = Import(drop_duplicates=True)
    first.file(("A", 1, 100.0, "X"))
    second = Import(first.present, drop_duplicates=True, replace=True)
    renamed = spectra(("A", 1, 100.0, "X"))
    renamed = renamed.set_column(renamed.schema.get_field_index("record_hash"), "record_hash", pa.array([5], pa.int64()))
    assert second.deduplicator.admit(renamed, Tally()).replacing["native_id"].to_pylist() == ["A"]


def test_spectra_from_before_record_hashes_are_known_by_peaks_precursor_adduct_and_structure():
    first = Import()
    first.file(("A", 1, 100.0, "X"), ("B", 1, 100.0, "X"))
    nulls = pa.nulls(2, pa.int64())
    old = first.present.set_column(first.present.schema.get_field_index("record_hash"), "record_hash", nulls)
    again = Import(old)
    assert again.file(("A", 1, 100.0, "X"), ("B", 1, 200.0, "X")) == []
    assert again.dropped == {"already_imported": 1, "record_changed": 1}
    replacing = Import(old, replace=True)
    assert replacing.file(("A", 1, 100.0, "X"), ("B", 1, 200.0, "X")) == []
    assert replacing.replaced == [("A", 100.0), ("B", 200.0)]


def test_a_failed_file_leaves_no_memory():
    of = Import(drop_duplicates=True)
    of.file(("A", 1), ("A", 2))
    assert of.file(("A", 3), ("A", 4), ("C", 5), fails=True) == ["A#3", "A#4", "C"]
    assert of.file(("A", 4), ("A", 3), ("C", 6), ("D", 5)) == ["A#3", "A#4", "C", "D"]
    assert of.dropped == {}


def test_duplicates_have_the_same_peaks_precursor_and_analyte():
    of = Import(drop_duplicates=True)
    kept = of.file(
        ("A", 1, 100.00001, "X"), ("B", 1, 100.00004, "X"), ("C", 1, 100.0002, "X"), ("D", 1, 100.0, "Y"), ("E", 1, 100.0, None)
    )
    assert kept == ["A", "C", "D", "E"]
    again = Import(of.present, drop_duplicates=True)
    assert again.file(("F", 1, 100.0, "X"), ("G", 2, 100.0, "X"), ("A", 1, 100.0, "X")) == ["G"]
    assert again.dropped == {"duplicate_spectrum": 1, "already_imported": 1}


def test_one_identifier_for_all_spectra_takes_no_longer():
    n = 20_000
    of = Import()
    started = time.perf_counter()
    names = of.file(*(("scan", i) for i in range(n)), batch=2048)
    assert time.perf_counter() - started < 5
    assert (names[0], names[1], names[-1]) == ("scan", "scan#2", f"scan#{n}")


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["A", "A#2", "B"]), st.integers(0, 4), st.sampled_from([100.0, 200.0]), st.sampled_from(["X", None])
    ),
    max_size=12,
)


@given(ROWS, ROWS, st.integers(1, 5), st.booleans())
def test_batches_do_not_matter_and_a_second_import_adds_nothing(first, second, batch, drop_duplicates):
    whole, parts = Import(drop_duplicates=drop_duplicates), Import(drop_duplicates=drop_duplicates)
    for rows in (first, second):
        assert whole.file(*rows) == parts.file(*rows, batch=batch)
    assert whole.tally.counts == parts.tally.counts
    ids = whole.present["spectrum_id"].to_pylist() if whole.stored else []
    assert len(set(ids)) == len(ids)
    n_dropped = sum(whole.dropped.values())
    assert whole.tally.counts["kept", ""] + n_dropped == len(first) + len(second)
    again = Import(whole.present if whole.stored else NOTHING, drop_duplicates=drop_duplicates)
    assert again.file(*first) + again.file(*second) == []


@pytest.mark.parametrize("drop_duplicates", [False, True])
def test_no_spectra(drop_duplicates):
    assert Import(drop_duplicates=drop_duplicates).file() == []
