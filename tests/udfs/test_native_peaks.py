"""Peak similarities of the native extension beside matchms and ms_entropy."""

import duckdb
import ms_entropy
import ms_entropy.spectra.entropy
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matchms import Spectrum
from matchms.similarity import CosineGreedy, ModifiedCosineGreedy

from spectradb.udfs import native

COSINE = "SELECT native_cosine_greedy(mz_a, intensity_a, mz_b, intensity_b, $tolerance, $mz_power, $intensity_power) FROM pairs"
MODIFIED = (
    "SELECT native_modified_cosine(mz_a, intensity_a, precursor_a, mz_b, intensity_b, precursor_b, "
    "$tolerance, $mz_power, $intensity_power) FROM pairs"
)
ENTROPY = "SELECT native_entropy_similarity(mz_a, intensity_a, mz_b, intensity_b, $tolerance, 0.01) FROM pairs"


@pytest.fixture(scope="module")
def con(extension):
    con = duckdb.connect(config={"allow_unsigned_extensions": "true"})
    native.load_extension(con)
    return con


def table(pairs):
    """Make the relation of pairs of (mz, intensity, precursor)."""
    names = ("mz", "intensity", "precursor")
    columns = {f"{name}_{side}": [pair[i][j] for pair in pairs] for i, side in enumerate("ab") for j, name in enumerate(names)}
    return pa.table(columns)


def run(con, query, pairs, **parameters):
    con.register("pairs", table(pairs))
    return [row for (row,) in con.execute(query, parameters).fetchall()]


def random_spectrum(rng):
    n = int(rng.integers(1, 40))
    # On a coarse grid, so that peaks fall within tolerances of several others and products tie.
    mz = np.sort(np.round(rng.uniform(50, 90, n) * 20) / 20 + rng.choice([0, 0.004, 0.011], n))
    return mz.tolist(), rng.integers(1, 30, n).astype(float).tolist(), float(np.round(rng.uniform(90, 120), 2))


def random_pairs(n, seed):
    rng = np.random.default_rng(seed)
    return [(random_spectrum(rng), random_spectrum(rng)) for _ in range(n)]


def matchms_spectrum(spectrum):
    mz, intensity, precursor = spectrum
    return Spectrum(np.array(mz), np.array(intensity), metadata={"precursor_mz": precursor})


@pytest.mark.parametrize(("mz_power", "intensity_power"), [(0, 1), (0, 0.5), (2, 0.5), (1.3, 0.53)])
@pytest.mark.parametrize(("query", "score"), [(COSINE, CosineGreedy), (MODIFIED, ModifiedCosineGreedy)])
def test_greedy_cosines_are_those_of_matchms(con, query, score, mz_power, intensity_power):
    pairs = random_pairs(400, seed=1)
    powers = {"mz_power": float(mz_power), "intensity_power": float(intensity_power)}
    found = run(con, query, pairs, tolerance=0.1, **powers)
    theirs = [score(tolerance=0.1, **powers).pair(matchms_spectrum(a), matchms_spectrum(b)) for a, b in pairs]
    np.testing.assert_allclose([one["score"] for one in found], [one["score"] for one in theirs], rtol=1e-12, atol=1e-15)
    assert [one["matched_peaks"] for one in found] == [int(one["matches"]) for one in theirs]
    assert len({one["matched_peaks"] for one in found}) > 5


def with_distinct_peaks(spectrum):
    mz, first = np.unique(spectrum[0], return_index=True)
    return mz.tolist(), np.array(spectrum[1])[first].tolist(), spectrum[2]


@pytest.mark.parametrize("tolerance", [0.005, 0.02, 0.05])
@pytest.mark.parametrize("implementation", ["python", "compiled"])
def test_entropy_similarity_is_that_of_ms_entropy(con, tolerance, implementation):
    pairs = random_pairs(400, seed=2)
    reference = ms_entropy.spectra.entropy if implementation == "python" else ms_entropy
    if implementation == "compiled":
        # Where an m/z repeats within a spectrum, ms_entropy's two implementations differ; the first is followed here.
        pairs = [tuple(with_distinct_peaks(spectrum) for spectrum in pair) for pair in pairs]
    found = run(con, ENTROPY, pairs, tolerance=tolerance)
    theirs = [
        reference.calculate_entropy_similarity(np.column_stack(a[:2]), np.column_stack(b[:2]), ms2_tolerance_in_da=tolerance)
        for a, b in pairs
    ]
    np.testing.assert_allclose(found, theirs, atol=2e-6)
    assert max(found) > 0.05


def test_literal_scores(con):
    same = ([100.0, 200.0], [3.0, 4.0], 300.0)
    other = ([100.05, 300.0], [1.0, 1.0], 300.0)
    pairs = [(same, same), (same, other), (same, ([], [], 300.0))]
    found = run(con, COSINE, pairs, tolerance=0.1, mz_power=0.0, intensity_power=1.0)
    assert found == [
        {"score": pytest.approx(1.0), "matched_peaks": 2},
        {"score": pytest.approx(3 / 5 / 2**0.5), "matched_peaks": 1},
        {"score": 0.0, "matched_peaks": 0},
    ]
    assert run(con, ENTROPY, pairs, tolerance=0.01) == [pytest.approx(1.0), 0.0, 0.0]


def test_a_shift_counts_in_the_modified_cosine_only(con):
    pair = [(([100.0, 150.0], [1.0, 1.0], 200.0), ([100.0, 164.0], [1.0, 1.0], 214.0))]
    parameters = {"tolerance": 0.01, "mz_power": 0.0, "intensity_power": 1.0}
    assert run(con, COSINE, pair, **parameters) == [{"score": pytest.approx(0.5), "matched_peaks": 1}]
    assert run(con, MODIFIED, pair, **parameters) == [{"score": pytest.approx(1.0), "matched_peaks": 2}]


def test_order_of_peaks_does_not_matter(con):
    a, b = random_pairs(1, seed=3)[0]
    backwards = (a[0][::-1], a[1][::-1], a[2])
    for query, parameters in ((COSINE, {"mz_power": 0.0, "intensity_power": 0.5}), (ENTROPY, {})):
        first, second = run(con, query, [(a, b), (backwards, b)], tolerance=0.02, **parameters)
        assert first == second


def test_null_in_null_out(con):
    whole = "[100.0], [1.0]"
    for arguments in (f"NULL, [1.0], {whole}, 0.1", f"{whole}, NULL, [1.0], 0.1", f"{whole}, {whole}, NULL"):
        assert con.sql(f"SELECT native_cosine_greedy({arguments}, 0, 1)").fetchall() == [(None,)]
        assert con.sql(f"SELECT native_entropy_similarity({arguments}, 0.01)").fetchall() == [(None,)]
    modified = f"native_modified_cosine([100.0], [1.0], NULL, {whole}, 100, 0.1, 0, 1)"
    assert con.sql(f"SELECT {modified}").fetchall() == [(None,)]


def test_what_is_no_peak_is_left_out(con):
    whole, odd = "[100.0, 200.0], [4.0, 9.0]", "[200.0, 50.0, 100.0, 60.0, NULL, 70.0], [9.0, 0.0, 4.0, -1.0, 1.0, NULL]"
    same = {"score": pytest.approx(1.0), "matched_peaks": 2}
    assert con.sql(f"SELECT native_cosine_greedy({odd}, {whole}, 0.1, 0, 0.5)").fetchall()[0] == (same,)
    assert con.sql(f"SELECT native_modified_cosine({odd}, 300, {whole}, 300, 0.1, 0, 0.5)").fetchall()[0] == (same,)
    assert con.sql(f"SELECT native_entropy_similarity({odd}, {whole}, 0.01, 0.01)").fetchall()[0] == (pytest.approx(1.0),)


def test_what_means_nothing_is_an_error(con):
    with pytest.raises(duckdb.Error, match="2 m/z values and 1 intensities"):
        con.sql("SELECT native_cosine_greedy([1.0, 2.0], [1.0], [1.0], [1.0], 0.1, 0, 1)").fetchall()
    with pytest.raises(duckdb.Error, match="the tolerance is -1"):
        con.sql("SELECT native_entropy_similarity([1.0], [1.0], [1.0], [1.0], -1, 0.01)").fetchall()


peak_lists = st.lists(st.tuples(st.floats(0, 300, width=32), st.floats(0, 1e6, width=32)), max_size=30)


@settings(max_examples=60)
@given(a=peak_lists, b=peak_lists, tolerance=st.floats(0, 2))
def test_any_peaks_give_a_score_from_0_to_1(con, a, b, tolerance):
    sides = [([mz for mz, _ in sorted(peaks)], [intensity for _, intensity in sorted(peaks)], 100.0) for peaks in (a, b)]
    (cosine,) = run(con, COSINE, [sides], tolerance=tolerance, mz_power=0.0, intensity_power=0.5)
    (entropy,) = run(con, ENTROPY, [sides], tolerance=tolerance)
    assert 0 <= cosine["score"] <= 1 + 1e-9
    assert 0 <= cosine["matched_peaks"] <= min(len(a), len(b))
    assert -1e-5 <= entropy <= 1 + 1e-5


@pytest.mark.parametrize(
    ("mz_a", "mz_b", "tolerance", "matched"),
    [
        ([100.0, 150.0, 200.0], [100.25, 150.0, 250.0], 0.25, 2),
        ([100.0, 150.0, 200.0], [100.25, 150.0, 250.0], 0.125, 1),
        ([100.0, 100.125], [100.0625], 0.0625, 2),  # peaks of the query count, each once
        ([100.0625], [100.0, 100.125], 0.0625, 1),
        ([100.0, 100.0], [100.0], 0.0, 1),
        ([200.0, 100.0], [250.0, 99.9, 200.1], 0.2, 2),  # in any order
        ([], [100.0], 1.0, 0),
        (None, [100.0], 1.0, None),
        ([100.0], [100.0, None], 1.0, None),
    ],
)
def test_matched_peaks(con, mz_a, mz_b, tolerance, matched):
    call = "SELECT native_matched_peaks($a::DOUBLE[], $b::DOUBLE[], $tolerance::DOUBLE)"
    assert con.execute(call, {"a": mz_a, "b": mz_b, "tolerance": tolerance}).fetchall() == [(matched,)]


def test_matched_peaks_need_a_tolerance(con):
    with pytest.raises(duckdb.Error, match="the tolerance is -1"):
        con.sql("SELECT native_matched_peaks([1.0]::DOUBLE[], [1.0]::DOUBLE[], -1)").fetchall()


@given(st.lists(st.integers(0, 60), max_size=12), st.lists(st.integers(0, 60), max_size=12), st.integers(0, 8))
def test_matched_peaks_are_those_of_every_pair(con, a, b, tolerance):
    expected = sum(any(abs(x - y) <= tolerance for y in b) for x in set(a))
    call = "SELECT native_matched_peaks($a::DOUBLE[], $b::DOUBLE[], $tolerance::DOUBLE)"
    assert con.execute(call, {"a": a, "b": b, "tolerance": tolerance}).fetchall() == [(expected,)]
