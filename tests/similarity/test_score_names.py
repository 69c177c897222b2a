"""Scores by name: their defaults, settings from text, and what is refused."""

import subprocess
import sys

import pytest

from spectradb.errors import BadParameter
from spectradb.similarity.methods import PEAK_SCORES, peak_score

COSINE = {"tolerance_da": 0.01, "mz_power": 0.0, "intensity_power": 0.5}


def test_scores_and_their_defaults():
    assert {name: peak_score(name).settings() for name in PEAK_SCORES} == {
        "cosine_greedy": COSINE,
        "cosine_hungarian": COSINE,
        "modified_cosine": COSINE,
        "modified_cosine_hungarian": COSINE,
        "weighted_cosine": {"weights": "SQRT", "tolerance_ppm": 10.0, "tolerance_da": 0.0, "minimum_matches": 1},
        "entropy_similarity": {"tolerance_da": 0.01, "clean_spectra": True, "noise_threshold": 0.01},
    }


def test_settings_may_be_text():
    score = peak_score("weighted_cosine", {"weights": "MASSBANK", "minimum_matches": "4", "tolerance_ppm": "5"})
    assert score.settings() == {"weights": "MASSBANK", "tolerance_ppm": 5.0, "tolerance_da": 0.0, "minimum_matches": 4}
    assert peak_score("entropy_similarity", {"clean_spectra": "False"}).settings()["clean_spectra"] is False


@pytest.mark.parametrize(
    ("method", "settings", "message"),
    [
        ("cosine", {}, "there is no score 'cosine'; there are: cosine_greedy, cosine_hungarian,"),
        ("cosine_greedy", {"weights": "SQRT"}, "has no setting 'weights'; it has: tolerance_da, mz_power, intensity_power"),
        ("cosine_greedy", {"tolerance_da": "wide"}, "tolerance_da is 'wide'; give a number such as 0.01"),
        ("entropy_similarity", {"clean_spectra": "maybe"}, "give true or false"),
    ],
)
def test_what_there_is_not(method, settings, message):
    with pytest.raises(BadParameter, match=message):
        peak_score(method, settings)


def test_names_cost_no_compiler():
    code = "import sys, spectradb.similarity.methods; print('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
