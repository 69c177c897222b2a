"""Measured figures: what ``record`` writes, what it refuses, and that the file and its tables belong together."""

import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT / "tests" / "speed"))

import figures  # noqa: E402 - of a folder that is no part of the suite

WHOLE = {"topic": "speed", "title": "A search", "columns": ["form", "s"], "rows": [["SQL", 1.23456], ["native", None]]}


def test_every_entry_of_the_file_can_be_shown():
    entries = figures.load()
    assert len({entry["figure"] for entry in entries}) == len(entries) > 0
    for entry in entries:
        figures.check(entry)
        assert entry["source"] == figures.MEASURED or entry["source"].startswith("copied from README of ")
        assert all(entry[field] for field in ("date", "commit", "machine")), entry["figure"]
        assert entry["source"] != figures.MEASURED or (entry["command"] and entry["versions"]), entry["figure"]
        assert not re.search(r"(^|[\s='\"])/\w", entry["command"] or ""), f"{entry['figure']} names a place of one machine"


def test_what_is_recorded(tmp_path):
    file = tmp_path / "figures.json"
    entry = figures.record("search", **WHOLE, command="python measure.py", notes=["Once."], file=file)
    assert figures.load(file) == [entry]
    assert entry["rows"] == [["SQL", 1.235], ["native", None]]
    assert entry["source"] == "measured"
    assert entry["versions"]["duckdb"][0].isdigit()
    assert "cores" in entry["machine"]


def test_the_command_is_one_that_others_can_give(tmp_path, monkeypatch):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "lab.duckdb").touch()
    called = [str(ROOT / "tests" / "speed" / "start.py"), str(tmp_path / "mine"), "--file", str(tmp_path / "a.mgf"), "--n", "3"]
    monkeypatch.setattr(sys, "argv", called)
    entry = figures.record("search", **WHOLE, file=tmp_path / "figures.json")
    assert entry["command"] == "python tests/speed/start.py LAB --file a.mgf --n 3"


def test_a_figure_recorded_again_takes_its_place(tmp_path):
    file = tmp_path / "figures.json"
    for name, rows in (("one", [["a", 1]]), ("two", [["b", 2]]), ("one", [["c", 3]])):
        figures.record(name, **{**WHOLE, "rows": rows}, command="x", file=file)
    assert [(entry["figure"], entry["rows"]) for entry in figures.load(file)] == [("one", [["c", 3]]), ("two", [["b", 2]])]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [({"topic": "weather"}, "no page shows the topic 'weather'"), ({"rows": [["SQL"]]}, r"2 columns, but a row is \['SQL'\]")],
)
def test_what_no_page_could_show_is_refused(wrong, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        figures.record("search", **{**WHOLE, **wrong}, command="x", file=tmp_path / "figures.json")
    assert not (tmp_path / "figures.json").exists()


def test_the_file_is_read_line_by_line(tmp_path):
    figures.record("search", **{**WHOLE, "rows": [["a [b], c", 1], ["d", 2.5]]}, command="x", file=tmp_path / "figures.json")
    lines = [line.strip() for line in (tmp_path / "figures.json").read_text().splitlines()]
    assert '["a [b], c", 1],' in lines
    assert '["d", 2.5]' in lines


def test_how_a_figure_is_shown():
    entry = dict.fromkeys(figures.FIELDS) | {
        **WHOLE,
        "rows": [["SQL", 1234.5], ["native", 0.01234], ["none", None], ["whole", 1234567]],
        "notes": ["By one process."],
        "command": "python measure.py",
        "commit": "abc1234",
        "versions": {"duckdb": "1.5.6"},
        "machine": "x86_64, 2 cores, 24 GB, load 0.1",
        "date": "2026-11-30",
        "source": "measured",
    }
    origin = "2026-11-30, commit abc1234; x86_64, 2 cores, 24 GB, load 0.1"
    rows = "| SQL | 1,234 |\n| native | 0.0123 |\n| none |  |\n| whole | 1,234,567 |"
    table = f"| form | s |\n| --- | --- |\n{rows}\n\nBy one process."
    assert figures.parts([{**entry, "figure": "one"}]) == {
        "figures of speed": f"### A search\n\n{table}\n\n<sub>`python measure.py`. {origin}; duckdb 1.5.6.</sub>",
        "figures of methods": "",
        "figures of confidence": "",
        "figures of choosing": "",
        "figures of training": "",
        "figures of massql": "",
        "figures of clients": "",
        "figures of clusters": "",
        "figures of networks": "",
        "figures of contradictions": "",
    }
    copied = {**entry, "figure": "two", "source": "copied from README of abc", "command": None, "versions": {}}
    assert figures.parts([copied])["figures of speed"].endswith(f"<sub>Copied from README of abc; {origin}.</sub>")


def test_the_tables_of_one_run_stand_together(tmp_path, monkeypatch):
    monkeypatch.setattr(figures, "machine", lambda: "a machine whose load stays as it is")
    file = tmp_path / "figures.json"
    for name in ("one", "two", "one-2"):
        figures.record(name, **WHOLE, command="x", file=file)
    assert [entry["figure"] for entry in figures.load(file)] == ["one", "one-2", "two"]
    shown = figures.parts(figures.load(file))["figures of speed"]
    assert re.findall("^#+|<sub>", shown, re.MULTILINE) == ["###", "####", "<sub>", "###", "<sub>"]
