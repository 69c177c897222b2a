"""Which parts of the record are filled with vectors is looked at once."""

import lance
import numpy as np
import pyarrow as pa
import pytest

from spectradb.embedding.filled_parts import FilledParts


def rows(ids, vectors=True):
    column = {"spectrum_id": pa.array(ids, pa.int64())}
    if vectors:
        flat = pa.array(np.zeros(2 * len(ids), np.float16))
        column["embedding_toy"] = pa.FixedSizeListArray.from_arrays(flat, 2, mask=pa.array([i < 0 for i in ids]))
    return pa.table(column)


@pytest.fixture
def uri(tmp_path):
    lance.write_dataset(rows([1, 2, 3]), tmp_path / "spectra.lance", data_storage_version="2.2")
    return tmp_path / "spectra.lance"


def test_only_new_parts_are_read(uri, tmp_path, monkeypatch):
    lance.write_dataset(rows([4, -5, -6]), uri, mode="append")
    filled = FilledParts(tmp_path / "filled.json", "embedding_toy")
    assert filled.missing(lance.dataset(uri)) == {1: 2}
    lance.write_dataset(rows([7, 8], vectors=False), uri, mode="append")
    read = []
    count = lance.LanceFragment.count_rows
    counted = lambda self, where=None: read.append(self.fragment_id) or count(self, where)  # noqa: E731
    monkeypatch.setattr(lance.LanceFragment, "count_rows", counted)
    again = FilledParts(tmp_path / "filled.json", "embedding_toy")
    assert again.missing(lance.dataset(uri)) == {1: 2, 2: 2}
    assert read == [1, 2], "the first part was known to be filled"


def test_another_file_of_a_part_is_looked_at_again(uri, tmp_path):
    filled = FilledParts(tmp_path / "filled.json", "embedding_toy")
    assert filled.missing(lance.dataset(uri)) == {}
    lance.dataset(uri).merge_insert("spectrum_id").when_matched_update_all().execute(
        pa.table({"spectrum_id": [2], "embedding_toy": pa.nulls(1, pa.list_(pa.float16(), 2))})
    )
    assert sum(filled.missing(lance.dataset(uri)).values()) == 1


@pytest.mark.parametrize("text", ["", "[", "3"])
def test_a_damaged_note_is_no_error(uri, tmp_path, text):
    (tmp_path / "filled.json").write_text(text)
    assert FilledParts(tmp_path / "filled.json", "embedding_toy").missing(lance.dataset(uri)) == {}
