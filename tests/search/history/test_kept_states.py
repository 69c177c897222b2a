"""States of libraries that are kept by name: what they tell, and what cleaning leaves of the record for them and searches."""

import pytest
from click.testing import CliRunner

from spectradb.cli.main import main
from spectradb.errors import BadParameter, NoCollection, NoState, StateExists
from spectradb.search.history.collection_rows import collection_rows


def add(lab, path, name, *titles, mz=100.0, kind="library"):
    text = "".join(
        f"BEGIN IONS\nTITLE={title}\nPEPMASS={mz}\nCHARGE=1+\nSMILES=CCO\n{50 + ord(title):.4f} 7\n61.5 9\nEND IONS\n"
        for title in titles
    )
    (path / f"{name}.mgf").write_text(text)
    call = lab.import_study if kind == "study" else lab.import_library
    call(kind, [path / f"{name}.mgf"], replace=kind == "library")


def versions(lab):
    return {version["version"] for version in lab.record.dataset("spectra").versions()}


def test_states_are_kept_listed_compared_and_dropped(fresh_lab, tmp_path):
    lab = fresh_lab
    with pytest.raises(NoCollection, match="has no library or study 'library' with spectra; there are: none"):
        lab.keep_state("library", "first")
    add(lab, tmp_path, "one", "A", "B")
    kept = lab.keep_state("library", "first")
    assert kept.lines() == [f"state first kept: library with 2 spectra, {kept.state}"]
    assert lab.keep_state("library", "first") == kept
    add(lab, tmp_path, "two", "B", mz=120.0)
    add(lab, tmp_path, "three", "C")
    plus = "positive"
    assert [tuple(row.values())[1:] for row in lab.state_changes("first").to_pylist()] == [
        ("B", "changed", 100.0, plus, 120.0, plus),
        ("C", "new", None, None, 100.0, plus),
    ]
    with pytest.raises(StateExists, match=r"there is a state first already: library with 2 spectra, kept on .*another name"):
        lab.keep_state("library", "first")
    with pytest.raises(BadParameter, match="state name 'a b' must be"):
        lab.keep_state("library", "a b")
    (row,) = lab.states().to_pylist()
    told = ("first", "library", 2, kept.record_version, False, [], kept.state)
    names = ("name", "collection", "n_spectra", "record_version", "is_present", "searches", "state")
    assert tuple(row[name] for name in names) == told
    # Cleaning leaves the version, until the state is dropped.
    lab.clean(older_than_days=0)
    assert versions(lab) == {kept.record_version, lab.record.version("spectra")}
    assert len(lab.state_changes("first")) == 2
    assert lab.drop_state("first").lines() == [f"state first is kept no longer: library with 2 spectra, {kept.state}"]
    lab.clean(older_than_days=0)
    assert versions(lab) == {lab.record.version("spectra")}
    with pytest.raises(NoState, match="keeps no state 'first'; there are: none"):
        lab.state_changes("first")


def test_what_a_killed_process_kept_or_dropped_is_published_by_the_next(fresh_lab, tmp_path, monkeypatch):
    lab = fresh_lab
    add(lab, tmp_path, "one", "A")

    class Killed(Exception):
        pass

    def die(files):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("spectradb.workspace.lab_files.LabFiles.publish", die)
        with pytest.raises(Killed):
            lab.keep_state("library", "first")
    assert len(lab.states()) == 0
    lab.keep_state("library", "first")
    assert lab.states()["name"].to_pylist() == ["first"]
    with monkeypatch.context() as patch:
        patch.setattr("spectradb.workspace.lab_files.LabFiles.publish", die)
        with pytest.raises(Killed):
            lab.drop_state("first")
    with pytest.raises(NoState):
        lab.drop_state("first")
    assert len(lab.states()) == 0


def test_cleaning_leaves_what_searches_compared_but_not_what_was_removed(fresh_lab, tmp_path):
    lab = fresh_lab
    add(lab, tmp_path, "one", "A")
    add(lab, tmp_path, "questions", "A", kind="study")
    lab.identify("study", "library", method="cosine_greedy", name="s")
    (searched,) = lab.record.read("searches").to_pylist()
    add(lab, tmp_path, "two", "C")
    lab.clean(older_than_days=0)
    assert versions(lab) == {searched["record_version"], lab.record.version("spectra")}
    with lab.cursor() as con:
        of = {"version": searched["record_version"], "state": searched["library_state"], "model": None}
        then = collection_rows(lab.record, con, "library", **of)
        assert then["native_id"].to_pylist() == ["A"]
        assert collection_rows(lab.record, con, "library", **of | {"state": "other"}) is None
        assert collection_rows(lab.record, con, "library", **of | {"version": 999}) is None
    # A removed collection lies in the version that the search compared.
    lab.import_library("gone", [tmp_path / "one.mgf"])
    lab.identify("study", "library", method="cosine_greedy", name="later")
    lab.remove_library("gone")
    lab.clean(older_than_days=0)
    assert versions(lab) == {searched["record_version"], lab.record.version("spectra")}


def test_the_verbs(tiny_lab):
    def told(*arguments):
        result = CliRunner().invoke(main, arguments)
        return result.exit_code, result.output

    lab = str(tiny_lab.path)
    assert told("state", "list", lab, "--csv") == (
        0,
        "name,collection,n_spectra,record_version,kept,is_present,searches,state\n",
    )
    for verb in ("changes", "drop"):
        assert told("state", verb, lab, "x") == (1, f"Error: {lab} keeps no state 'x'; there are: none.\n")
    assert told("state", "keep", lab, "x", "a")[0] == 1
    code, line = told("reannotate", lab, "reference", "kitchen")
    assert code == 1
    assert line.startswith(f"Error: {lab} has no search of reference against kitchen. Run `spectradb identify {lab}")
