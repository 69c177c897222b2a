"""Bringing a search up to date finds, row for row, what searching anew finds; and searches what changed alone."""

import random
from datetime import timedelta

import pytest

from spectradb.errors import NoSearch, SearchExists

N_LIBRARY, N_QUERIES = 40, 25


def record(number, rng, *, changed=0):
    """An MGF record, with one of few precursors and analytes, so that windows hold several."""
    mz = 150.0 + (number + changed) % 7 * 20
    names = ("CCO", "CCN", "CCC", "CCS", "CCCl", "CCBr")
    peaks = "\n".join(f"{40 + 5 * i + rng.random():.4f} {rng.randint(1, 100)}" for i in range(6))
    return (
        f"BEGIN IONS\nTITLE=S{number}\nPEPMASS={mz:.4f}\nCHARGE=1+\nSMILES={names[(number + changed) % 6]}\n"
        f"PI=lab{number % 3}\n{peaks}\nEND IONS\n"
    )


def add(lab, path, name, numbers, rng, *, study=False, changed=0):
    file = path / f"{name}.mgf"
    file.write_text("".join(record(number, rng, changed=changed) for number in numbers))
    kind = lab.import_study if study else lab.import_library
    kind("study" if study else "library", [file], replace=bool(changed))


def rows(lab, search):
    return lab.sql(f"SELECT * EXCLUDE (search_id) FROM hits WHERE search_id = '{search}' ORDER BY query_id, rank").fetchall()


@pytest.fixture
def searched(fresh_lab, tmp_path):
    rng = random.Random(1)
    add(fresh_lab, tmp_path, "library", range(N_LIBRARY), rng)
    add(fresh_lab, tmp_path, "queries", range(N_QUERIES), rng, study=True)
    fresh_lab.embed()
    return fresh_lab


def test_only_what_changed_is_searched_and_the_rows_are_those_of_a_full_search(searched, tmp_path):
    lab, rng = searched, random.Random(2)
    first = lab.identify("study", "library", name="first")
    assert lab.sql("FROM lab_status SELECT n_stale_searches").fetchall() == [(0,)]
    # One new library spectrum, and another version of one, both of two windows in seven.
    add(lab, tmp_path, "new", [N_LIBRARY], rng)
    add(lab, tmp_path, "changed", [3], rng, changed=7)
    lab.embed()
    assert lab.sql("FROM latest_searches SELECT search_id, is_stale").fetchall() == [("first", True)]
    done = lab.reannotate("study", "library")
    assert done.carried_from == "first"
    assert 0 < done.n_carried < done.n_queries == first.n_queries
    assert rows(lab, done.search_id) == rows(lab, lab.identify("study", "library", name="whole").search_id)
    assert rows(lab, done.search_id) != rows(lab, "first")
    found = lab.sql("SELECT carried_from, n_carried FROM searches ORDER BY started").fetchall()
    assert found == [(None, None), ("first", done.n_carried), (None, None)]
    again = lab.reannotate("study", "library", search=done.search_id)
    assert (again.search_id, again.still_holds) == (done.search_id, True)


@pytest.mark.long
def test_small_random_changes_by_every_method(searched, tmp_path):
    lab, rng = searched, random.Random(5)
    of_method = {"merged": {}, "cosine_greedy": {}, "fused": {"settings": {"weight": 0.5}, "left_out": "contributor"}}
    for method, more in of_method.items():
        lab.identify("study", "library", method=method, name=method, **more)
    add(lab, tmp_path, "more", [100, 101], rng)
    add(lab, tmp_path, "others", rng.sample(range(N_LIBRARY), 2), rng, changed=7)
    add(lab, tmp_path, "questions", [200], rng, study=True)
    lab.record.delete("spectra", f"collection = 'library' AND native_id = 'S{rng.randrange(N_LIBRARY)}'")
    lab.record.delete("spectra", f"collection = 'study' AND native_id LIKE '%S{rng.randrange(N_QUERIES)}'")
    lab.embed()
    for method, more in of_method.items():
        done = lab.reannotate("study", "library", search=method, name=f"{method}-again")
        whole = lab.identify("study", "library", method=method, name=f"{method}-whole", **more)
        assert rows(lab, done.search_id) == rows(lab, whole.search_id)
        assert (done.carried_from, done.searched_all) == (method, None)
        assert (done.n_queries, done.n_answered, done.n_hits) == (whole.n_queries, whole.n_answered, whole.n_hits)


def test_what_cannot_be_told_is_searched_whole(searched, tmp_path):
    lab, rng = searched, random.Random(3)
    with pytest.raises(NoSearch, match=r"has no search of study against library\. Run `spectradb identify"):
        lab.reannotate("study", "library")
    lab.identify("study", "library", name="first")
    with pytest.raises(NoSearch, match="has no search 'other' of study against library; there are: first"):
        lab.reannotate("study", "library", search="other")
    add(lab, tmp_path, "new", [N_LIBRARY], rng)
    lab.embed()
    with pytest.raises(SearchExists):
        lab.reannotate("study", "library", name="first")
    # The version that the search compared is gone, as cleaning by other programs leaves it.
    dataset = lab.record.dataset("spectra")
    for name in dataset.tags.list():
        dataset.tags.delete(name)
    dataset.cleanup_old_versions(older_than=timedelta(0))
    done = lab.reannotate("study", "library")
    assert done.searched_all == "the record no longer has the study that search first compared"
    assert any("all were searched: the record no longer has" in line for line in done.lines())
    assert done.carried_from is None
