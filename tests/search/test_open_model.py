"""Open searches take the model that is made for them, where it is embedded."""

import pytest
import tiny_lab as made_up

from spectradb.models.registry import OPEN_EMBEDDER
from spectradb.search.vectors.open_model import model_of_search


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    with made_up.build(tmp_path_factory.mktemp("open")) as lab:
        yield lab


def test_the_default_model_searches_until_the_other_is_embedded(lab):
    files = lab.files
    assert model_of_search(files, None, "reference") == "binned"
    lab.embed(OPEN_EMBEDDER)
    assert model_of_search(files, None, "kitchen", "reference") == OPEN_EMBEDDER
    assert model_of_search(files, 10.0, "kitchen", "reference") == "binned"
    report = lab.identify("kitchen", "reference", ppm=None, k=2, name="alike")
    assert lab.sql("SELECT model, ppm FROM searches WHERE search_id = 'alike'").fetchall() == [(OPEN_EMBEDDER, None)]
    assert "by spectradb_analogue" in report.lines()[0]
    usual = lab.identify("kitchen", "reference", ppm=None, k=2, name="usual", model="binned")
    assert "by binned" in usual.lines()[0]
    # Every answer says how alike to expect it to be, in the ion modes that the card tells of.
    n, n_told = lab.sql("SELECT count(*), count(expected_tanimoto) FROM analogues('alike')").fetchall()[0]
    assert n == n_told > 0
    assert lab.sql("SELECT count(expected_tanimoto) FROM analogues('usual')").fetchall() == [(0,)]
    at_hand = lab.search([60.0, 72.0], [1.0, 2.0], 118.0, library="reference", ppm=None, k=1)
    assert at_hand.num_rows == 1


def test_spectra_imported_since_bring_back_the_default(lab, tmp_path):
    (tmp_path / "more.msp").write_text(
        "Name: A\nDB#: 1\nPrecursorMZ: 100.0\nIon_mode: positive\nSMILES: CCO\nNum Peaks: 2\n50.0 3\n60.0 9\n\n"
    )
    lab.import_library("more", tmp_path / "more.msp")
    assert model_of_search(lab.files, None, "more") == "binned"
    lab.embed("binned")
    assert model_of_search(lab.files, None, "kitchen", "reference") == OPEN_EMBEDDER
    assert model_of_search(lab.files, None, "more") == "binned"
