"""Weighted cosine and binned vectors of the native extension beside the Python code that they stand for."""

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from spectradb.similarity.weighted_cosine import WEIGHTS
from spectradb.udfs import native
from spectradb.udfs.registry import FUNCTIONS, embed_functions

PYTHON = {function.name: function.function for function in (*FUNCTIONS, *embed_functions())}
LISTS = pa.list_(pa.float64()), pa.list_(pa.float32())


@pytest.fixture(scope="module")
def con(extension):
    con = duckdb.connect(config={"allow_unsigned_extensions": "true"})
    for statement in native.shell_statements():
        con.execute(statement)
    return con


def spectra(n, seed):
    """Draw spectra on a coarse grid, some with what is no peak, some out of order, some empty."""
    rng = np.random.default_rng(seed)
    mz, intensity = [], []
    for i in range(n):
        n_peaks = int(rng.integers(0, 60))
        at = np.round(rng.uniform(50, 90, n_peaks) * 20) / 20 + rng.choice([0, 0.0004, 0.011], n_peaks)
        heights = rng.integers(1, 30, n_peaks).astype(float) ** 2
        if i % 3 == 0:
            at.sort()
        if i % 7 == 0 and n_peaks > 3:
            heights[:3] = 0.0, -1.0, np.inf
        mz.append(at.tolist())
        intensity.append([None, *heights[1:]] if i % 11 == 0 and n_peaks else heights.tolist())
    return pa.array(mz, LISTS[0]), pa.array(intensity, LISTS[1])


def answers(con, query, **columns):
    con.register("asked", pa.table({"place": range(len(next(iter(columns.values())))), **columns}))
    return [value for (value,) in con.execute(f"SELECT {query} FROM asked ORDER BY place").fetchall()]


@pytest.mark.parametrize("weights", WEIGHTS)
@pytest.mark.parametrize("ppm", [10.0, 300.0])
def test_weighted_cosines_are_those_of_python(con, weights, ppm):
    (mz_a, intensity_a), (mz_b, intensity_b) = spectra(300, 1), spectra(300, 2)
    columns = {"mz_a": mz_a, "intensity_a": intensity_a, "mz_b": mz_b, "intensity_b": intensity_b}
    found = answers(con, f"weighted_cosine(mz_a, intensity_a, mz_b, intensity_b, {ppm}, '{weights}')", **columns)
    theirs = PYTHON["weighted_cosine"](*columns.values(), pa.array([ppm] * 300), pa.array([weights] * 300)).to_pylist()
    np.testing.assert_allclose(found, theirs, rtol=1e-9, atol=1e-12)
    assert len({round(score, 3) for score in theirs}) > 30


def test_weighted_cosine_of_known_spectra(con):
    call = "SELECT weighted_cosine([100.0, 200.0], [16, 9], [100.0005, 300.0], [9, 16], {}, {})"
    assert con.sql(call.format(10, "'SQRT'")).fetchall()[0] == (pytest.approx(12 / 25),)
    assert con.sql(call.format(1, "'SQRT'")).fetchall()[0] == (0.0,)
    assert con.sql(call.format("NULL", "'SQRT'")).fetchall()[0] == (None,)
    assert con.sql(call.format(10, "NULL")).fetchall()[0] == (None,)


def test_weights_and_tolerances_without_meaning_are_errors(con):
    call = "SELECT weighted_cosine([100.0], [1.0], [100.0], [1.0], {}, '{}')"
    with pytest.raises(duckdb.Error, match="NONE, SQRT, MASSBANK"):
        con.sql(call.format(10, "sqrt")).fetchall()
    for ppm in (0, -1, 1e6, "'nan'::DOUBLE"):
        with pytest.raises(duckdb.Error, match="give one in ppm"):
            con.sql(call.format(ppm, "SQRT")).fetchall()


def test_binned_vectors_are_those_of_python(con):
    mz, intensity = spectra(600, 3)
    precursor = pa.array([float("nan") if i % 13 == 0 else 70.0 + i % 40 for i in range(600)])
    columns = {"mz": mz, "intensity": intensity, "precursor_mz": precursor, "ion_mode": pa.array(["positive"] * 600)}
    found = np.array(answers(con, "embed_binned(mz, intensity, precursor_mz, ion_mode)", **columns))
    theirs = np.array(PYTHON["embed_binned"](*columns.values()).to_pylist())
    assert found.shape == theirs.shape == (600, 512)
    # A sum that differs in its last digit may round to the neighbouring half-precision number.
    np.testing.assert_allclose(found, theirs, atol=5e-4)
    assert np.mean(found == theirs) > 0.999
    assert np.isclose(np.linalg.norm(found, axis=1), 1).sum() > 550


def test_a_spectrum_of_which_something_is_unknown_has_no_vector(con):
    calls = ("NULL, [1.0], 70.0, 'positive'", "[50.0], [1.0], NULL, 'positive'", "[50.0], [1.0], 70.0, NULL")
    for arguments in calls:
        assert con.sql(f"SELECT embed_binned({arguments})").fetchall()[0] == (None,)
    with pytest.raises(duckdb.Error, match="1 m/z values and 2 intensities"):
        con.sql("SELECT embed_binned([50.0], [1.0, 2.0], 70.0, 'positive')").fetchall()
    (empty,) = con.sql("SELECT embed_binned([]::DOUBLE[], []::DOUBLE[], 70.0, 'positive')").fetchall()[0]
    assert set(empty) == {0.0}
