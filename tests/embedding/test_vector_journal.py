import numpy as np
import pyarrow as pa
import pytest

from spectradb.embedding.vector_journal import VectorJournal, spectrum_keys


def keys(ids, origin="a"):
    return spectrum_keys(pa.table({"spectrum_id": pa.array(ids, pa.int64()), "import_id": [origin] * len(ids)}))


def rows(*numbers):
    return np.array([[n, -n, n / 2] for n in numbers], dtype=np.float16)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "embed-toy-1.5"


def test_vectors_are_found_by_spectrum_in_any_order(path):
    journal = VectorJournal(path, 3)
    journal.append(keys([7, 3]), rows(7, 3))
    journal.append(keys([5]), rows(5))
    assert len(journal) == 3
    assert journal.missing(keys([3, 4, 5, 9])).tolist() == [False, True, False, True]
    np.testing.assert_array_equal(journal.vectors(keys([5, 7, 3])), rows(5, 7, 3))


def test_an_empty_journal_misses_everything(path):
    assert VectorJournal(path, 3).missing(keys([1, 2])).tolist() == [True, True]


def test_it_is_read_again(path):
    VectorJournal(path, 3).append(keys([1, 2]), rows(1, 2))
    again = VectorJournal(path, 3)
    again.append(keys([4]), rows(4))
    np.testing.assert_array_equal(VectorJournal(path, 3).vectors(keys([1, 2, 4])), rows(1, 2, 4))


@pytest.mark.parametrize(("suffix", "lost"), [("keys", 1), ("keys", 17), ("vectors", 1), ("vectors", 7)])
def test_what_was_cut_counts_for_nothing(path, suffix, lost):
    """As after a kill in the middle of writing: 16 bytes a key, 6 bytes a vector."""
    VectorJournal(path, 3).append(keys([1, 2, 3]), rows(1, 2, 3))
    file = path.with_name(f"{path.name}.{suffix}")
    file.write_bytes(file.read_bytes()[:-lost])
    left = 1 if lost > 6 else 2
    journal = VectorJournal(path, 3)
    assert journal.missing(keys([1, 2, 3])).tolist() == [False, left < 2, True]
    journal.append(keys([8, 9]), rows(8, 9))
    np.testing.assert_array_equal(VectorJournal(path, 3).vectors(keys([9, 1, 8])), rows(9, 1, 8))


def test_a_spectrum_of_another_import_is_another(path):
    journal = VectorJournal(path, 3)
    journal.append(keys([1, 2]), rows(1, 2))
    assert journal.missing(keys([1, 2], "b")).tolist() == [True, True]
    journal.append(keys([2, 1], "b"), rows(20, 10))
    np.testing.assert_array_equal(journal.vectors(keys([1, 2], "b")), rows(10, 20))


def test_removed(path):
    journal = VectorJournal(path, 3)
    journal.append(keys([1]), rows(1))
    journal.remove()
    assert list(path.parent.iterdir()) == []
    assert len(VectorJournal(path, 3)) == 0
