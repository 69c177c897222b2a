"""Half of a score, and a half for pairs that share enough peaks."""

import numpy as np
import pytest
from made_spectra import batch_of

from spectradb.errors import BadParameter
from spectradb.similarity.enough_matches import EnoughMatches
from spectradb.similarity.methods import peak_score


def test_pairs_that_share_enough_get_a_half():
    spectra = batch_of([(50.0, 1.0), (60.0, 1.0)], [(50.0, 1.0), (70.0, 1.0)], precursor_mz=[100.0, 100.0])
    score = EnoughMatches(score=peak_score("cosine_greedy"), least_matches=2)
    found = score.scores(spectra, spectra, np.array([0, 0]), np.array([0, 1]))
    np.testing.assert_allclose(found.score, [(1 + 1) / 2, (0.5 + 0) / 2])
    assert found.matches.tolist() == [2, 1]
    assert score.settings() == {**peak_score("cosine_greedy").settings(), "least_matches": 2}


def test_a_negative_number_is_refused():
    with pytest.raises(BadParameter, match="least_matches is -1"):
        EnoughMatches(score=peak_score("cosine_greedy"), least_matches=-1)
