"""The DuckDB shell with the native extension: scores by the names, and with the values, that they have in Python."""

import json
import subprocess
import sys

import duckdb
import numpy as np
import pytest

from spectradb.udfs import native

SHELL = [sys.executable, "-c", "from spectradb.cli import main; main()", "shell"]
SPECTRUM = "[50.0, 60.0, 70.0], [4.0, 0.0, 9.0]"
SCORES = {
    "cosine_greedy": "cosine_greedy(a.mz, a.intensity, b.mz, b.intensity, 0.01)",
    "modified_cosine": "modified_cosine(a.mz, a.intensity, a.precursor_mz, b.mz, b.intensity, b.precursor_mz, 0.01)",
    "entropy_similarity": "entropy_similarity(a.mz, a.intensity, b.mz, b.intensity, 0.01)",
    "weighted_cosine": "weighted_cosine(a.mz, a.intensity, b.mz, b.intensity, 10, 'MASSBANK')",
    "adduct_mz": "adduct_mz(a.precursor_mz, coalesce(b.adduct, '[M+Na]+'))",
    "embed_binned": (
        "array_inner_product(embed_binned(a.mz, a.intensity, a.precursor_mz, a.ion_mode), "
        "embed_binned(b.mz, b.intensity, b.precursor_mz, b.ion_mode))"
    ),
}


def shell(lab, query):
    done = subprocess.run([*SHELL, lab.path, "--json", "--", "-c", query], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def test_scores_in_the_shell_are_those_of_python(extension, tiny_lab):
    scores = ", ".join(f"{call} AS {name}" for name, call in SCORES.items())
    pairs = f"SELECT {scores} FROM spectra AS a, spectra AS b ORDER BY a.spectrum_id, b.spectrum_id"
    found = shell(tiny_lab, pairs)
    expected = tiny_lab.sql(pairs).fetchall()
    assert len(found) == 16 * 16
    for place, name in enumerate(SCORES):
        theirs = [row[place] for row in expected]
        np.testing.assert_allclose([row[name] for row in found], theirs, rtol=1e-6, atol=1e-6)
        assert len({round(score, 3) for score in theirs}) > 5


@pytest.fixture(scope="module")
def con(extension):
    with duckdb.connect(config={"allow_unsigned_extensions": "true"}) as opened:
        # As a macro of a lab's file would stand in the way.
        opened.execute("CREATE MACRO cosine_greedy(mz_a, intensity_a, mz_b, intensity_b, tolerance_da) AS -1.0")
        for statement in native.shell_statements():
            opened.execute(statement)
        yield opened


@pytest.mark.parametrize(
    ("call", "score"),
    [
        (f"cosine_greedy({SPECTRUM}, [50.0, 80.0], [16.0, 9.0], 0.01)", 8 / (13**0.5 * 5)),
        (f"modified_cosine({SPECTRUM}, 100.0, [50.0, 80.0], [16.0, 9.0], 110.0, 0.01)", 17 / (13**0.5 * 5)),
        (f"entropy_similarity({SPECTRUM}, [50.0, 70.0], [4.0, 9.0], 0.01)", 1.0),
        ("weighted_cosine([50.0, 60.0], [16, 9], [50.0004, 80.0], [16, 9], 10, 'SQRT')", 16 / 25),
        ("adduct_mz(180.0633881, '[M+Na]+')", 203.0526088),
        ("adduct_mz(180.0633881, 'sodium')", None),
        ("len(embed_binned([85.03, 127.04], [1.0, 0.5], 145.05, 'positive'))", 512),
        ("cosine_greedy(NULL, NULL, [50.0], [1.0], 0.01)", None),
    ],
)
def test_scores_of_known_spectra(con, call, score):
    (found,) = con.execute(f"SELECT {call}").fetchone()
    assert found == (None if score is None else pytest.approx(score, abs=1e-7))


def test_without_the_extension_the_shell_is_plain(tiny_lab, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert native.shell_statements() == []
    assert shell(tiny_lab, "SELECT name FROM libraries") == [{"name": "reference"}]
