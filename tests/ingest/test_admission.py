import time

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectradb.ingest.admission import Admission
from spectradb.ingest.identity import hash63
from spectradb.ingest.reasons import Tally

NOTHING = pa.table(
    {
        "spectrum_id": pa.array([], pa.int64()),
        "peaks_hash": pa.array([], pa.int64()),
        "precursor_mz": pa.array([], pa.float64()),
        "analyte_id": pa.array([], pa.string()),
    }
)


def spectra(*rows):
    """Harmonised spectra from (native_id, peaks_hash[, precursor_mz, analyte_id, run])."""
    full = [(*row, *(100.0, "ANALYTE", None)[len(row) - 2 :]) for row in rows]
    names = ("native_id", "peaks_hash", "precursor_mz", "analyte_id", "run")
    types = (pa.string(), pa.int64(), pa.float64(), pa.string(), pa.string())
    return pa.table({name: pa.array([row[i] for row in full], types[i]) for i, name in enumerate(names)})


class Import:
    """Imports files of spectra one after another, remembering what it stored."""

    def __init__(self, present=NOTHING, *, drop_duplicates=False):
        self.admission = Admission("lib", present, drop_duplicates=drop_duplicates)
        self.tally = Tally()
        self.stored = []

    def file(self, *rows, fails=False, batch=None):
        batches = [rows] if batch is None else [rows[i : i + batch] for i in range(0, len(rows), batch)]
        tables = []
        for some in batches:
            self.tally.add("kept", count=len(some))
            tables.append(self.admission.admit(spectra(*some), self.tally))
        if fails:
            self.admission.abandon_file()
        else:
            self.admission.finish_file()
            self.stored += tables
        return [name for table in tables for name in table["native_id"].to_pylist()]

    @property
    def present(self):
        return pa.concat_tables([table.select(NOTHING.column_names) for table in self.stored])

    @property
    def dropped(self):
        return {reason: n for (outcome, reason), n in self.tally.counts.items() if outcome == "dropped"}


def test_ids_come_from_collection_run_and_native_id():
    table = Admission("lib", NOTHING, drop_duplicates=False).admit(
        spectra(("A", 1), ("A", 1, 100.0, None, "r1"), ("A", 1, 100.0, None, "r2")), Tally()
    )
    assert table["spectrum_id"].to_pylist() == [hash63("lib", None, "A"), hash63("lib", "r1", "A"), hash63("lib", "r2", "A")]
    assert table.column_names == ["native_id", "peaks_hash", "precursor_mz", "analyte_id", "run", "spectrum_id"]


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
    assert second.file(("A", 2), ("A", 1), ("A", 3), ("B", 1)) == ["B"]
    assert second.dropped == {"already_imported": 2, "id_conflict": 1}


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
