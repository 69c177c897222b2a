import json
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spectradb.errors import UnreadableFile
from spectradb.ingest.readers import json_items
from spectradb.ingest.readers.raw import Problem, Problems

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
OBJECTS = st.lists(st.dictionaries(st.text(), VALUES, max_size=4), max_size=6)


def read_text(tmp_path, text, problems=None):
    path = tmp_path / "x.json"
    path.write_bytes(text.encode())
    return [item for _, item in json_items.objects(path, problems or Problems())]


@settings(max_examples=150, deadline=None)
@given(items=OBJECTS, chunk=st.integers(1, 60), ascii_only=st.booleans(), indent=st.sampled_from([None, 2]))
def test_any_array_in_chunks_of_any_size(tmp_path_factory, items, chunk, ascii_only, indent):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_items, "CHUNK_CHARACTERS", chunk)
        text = json.dumps(items, ensure_ascii=ascii_only, indent=indent)
        assert read_text(tmp_path_factory.mktemp("json"), text) == items


@settings(max_examples=60, deadline=None)
@given(items=OBJECTS, chunk=st.integers(1, 60))
def test_objects_one_after_the_other(tmp_path_factory, items, chunk):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_items, "CHUNK_CHARACTERS", chunk)
        text = "\n".join(json.dumps(item) for item in items)
        assert read_text(tmp_path_factory.mktemp("json"), text) == items


def test_places_and_items_that_are_no_objects(tmp_path):
    path = tmp_path / "x.json"
    path.write_text('[{"a": 1}, [2], {"a": 3}, "four"]')
    problems = Problems()
    assert list(json_items.objects(path, problems)) == [("record 1", {"a": 1}), ("record 3", {"a": 3})]
    assert problems.found == [
        Problem("record 2", "is a JSON list, not an object"),
        Problem("record 4", "is a JSON str, not an object"),
    ]


@pytest.mark.parametrize("text", ['[{"a": 1}, {"a": "cut', '[{"a": 1}', '[{"a": 1},', '[{"a": 1}, {"a": nul', '{"a": 1}{"a":'])
def test_a_truncated_document(tmp_path, text):
    with pytest.raises(UnreadableFile, match="ends in the middle") as error:
        read_text(tmp_path, text)
    assert error.value.place == "record 2"


@pytest.mark.parametrize("number", [-100000000000000001, 2**64 + 1, 10**299 + 1])
def test_a_large_whole_number_keeps_its_last_digit(tmp_path, number):
    assert read_text(tmp_path, json.dumps([{"id": number}])) == [{"id": number}]


def test_a_whole_number_no_float_can_hold_is_infinite(tmp_path):
    assert read_text(tmp_path, '[{"charge": ' + "9" * 5000 + "}]") == [{"charge": float("inf")}]


def test_text_that_is_no_json(tmp_path):
    with pytest.raises(UnreadableFile, match="is no JSON") as error:
        read_text(tmp_path, '[{"a": 1}, {"a": what}, {"a": 1}, {"a": 1}]' + " " * 50)
    assert error.value.place == "record 2"
    assert "what" in error.value.reason


def test_rubbish_does_not_pull_the_rest_of_the_file_into_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(json_items, "CHUNK_CHARACTERS", 1000)
    path = tmp_path / "x.json"
    path.write_text("[rubbish" + " " * 20_000_000)
    tracemalloc.start()
    with pytest.raises(UnreadableFile, match="record 1"):
        list(json_items.objects(path, Problems()))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2_000_000


def test_deep_nesting_is_reported(tmp_path):
    with pytest.raises(UnreadableFile, match="record 1"):
        read_text(tmp_path, "[" + '{"a":' * 200_000 + "1" + "}" * 200_000 + "]")
