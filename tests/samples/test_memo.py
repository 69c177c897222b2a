"""MEMO's bags of peaks and losses: counts stated by hand, and by a few lines of Python over random spectra.

tests/peers/memo_counts.py shows on a real cohort that memo-ms counts the same.
"""

from collections import Counter

import duckdb
import numpy as np
import pytest
from sample_rows import embedded_tables
from table_rows import put

from spectradb import schemas


@pytest.fixture
def con():
    """Three runs, the first two of one sample, without spectra; and an embedded model, which macros can subtract blanks by."""
    con = embedded_tables()
    for name in ("blank_spectra", "memo_words", "memo"):
        con.execute(schemas.read(f"macros/samples/{name}"))
    put(con, "samples", {"sample_id": "s/a", "study": "s"}, {"sample_id": "s/b", "study": "s", "sample_type": "blank"})
    for run, sample in (("1", "s/a"), ("2", "s/a"), ("3", "s/b")):
        put(con, "runs", {"run_id": f"s/{run}", "collection": "s", "sample_id": sample})
    return con


def put_spectrum(con, spectrum_id, run, precursor_mz, peaks):
    mz, intensity = zip(*peaks, strict=True)
    row = {"spectrum_id": spectrum_id, "collection": "s", "run_id": f"s/{run}", "precursor_mz": precursor_mz, "tic": 1.0}
    row |= {"ion_mode": "positive", "embedding_toy": [0.0, 1.0], "mz": list(mz), "intensity": list(intensity)}
    put(con, "spectra", row)


@pytest.fixture
def filled(con):
    # 80.065 is stored a little below the tie: it prints as 80.06, though round(80.065, 2) says 80.07 in DuckDB 1.
    put_spectrum(con, 1, "1", 100.0, [(80.065, 100.0), (80.075, 1.0), (95.0, 0.99), (99.5, 50.0)])
    put_spectrum(con, 2, "1", 300.0, [(80.0649, 1.0), (99.99, 1.0), (100.0, 1.0)])
    put_spectrum(con, 3, "2", 90.5, [(50.0, 1.0), (80.065, 1.0), (80.5, 1.0)])
    put_spectrum(con, 4, "3", 500.0, [(80.061, 1.0)])
    return con


@pytest.mark.covers("macros/samples/memo_words")
def test_words_are_counted_as_memo_counts_them(filled):
    rows = filled.execute("FROM memo_words('s', min_peaks := 2) ORDER BY unit_id, word").fetchall()
    assert rows == [
        # Losses of the first: 19.935 and 19.925 (the others are below 10, and 95 is below a hundredth of the base peak); of the
        # second: 200, the bound, and what is beyond it is not counted.
        ("s/1", "loss@19.92", 1),
        ("s/1", "loss@19.94", 1),
        ("s/1", "loss@200.00", 1),
        ("s/1", "peak@100.00", 1),
        ("s/1", "peak@80.06", 2),
        ("s/1", "peak@80.08", 1),
        ("s/1", "peak@99.50", 1),
        ("s/1", "peak@99.99", 1),
        ("s/2", "loss@10.00", 1),
        ("s/2", "loss@10.44", 1),
        ("s/2", "loss@40.50", 1),
        ("s/2", "peak@50.00", 1),
        ("s/2", "peak@80.06", 1),
        ("s/2", "peak@80.50", 1),
    ]
    rounded = 80.07 if duckdb.__version__.startswith("1.") else 80.06  # DuckDB 2 rounds what is stored
    assert filled.execute("SELECT round(80.065::DOUBLE, 2)").fetchall() == [(rounded,)]
    of_samples = filled.execute(
        "FROM memo_words('s', level := 'sample', min_peaks := 1, decimals := 0, losses_to := 12, "
        "min_relative_intensity := 0.6) ORDER BY ALL"
    ).fetchall()
    assert of_samples == [
        ("s/a", "loss@10", 2),
        ("s/a", "peak@100", 2),
        ("s/a", "peak@50", 1),
        ("s/a", "peak@80", 4),
        ("s/b", "peak@80", 1),
    ]
    assert filled.execute("FROM memo_words('s')").fetchall() == []  # By default ten peaks are needed.
    with pytest.raises(Exception, match="level must be"):
        filled.execute("FROM memo_words('s', level := 'batch', min_peaks := 1)").fetchall()


@pytest.mark.covers("macros/samples/memo", "queries/samples/memo")
def test_vectors_hold_the_words_that_are_shared(filled):
    rows = filled.execute("FROM memo('s', min_peaks := 1)").fetchall()
    # Only peak@80.06 is in more than one run. The blank is a run like the others until it is subtracted.
    assert rows == [("s/1", 2, [2.0]), ("s/2", 1, [1.0]), ("s/3", 1, [1.0])]
    # By the number of runs, then by the word.
    rows = filled.execute("FROM memo('s', min_peaks := 1, min_units := 1, max_words := 3)").fetchall()
    assert rows == [("s/1", 2, [2.0, 0.0, 0.0]), ("s/2", 1, [1.0, 1.0, 1.0]), ("s/3", 1, [1.0, 0.0, 0.0])]
    assert filled.execute("FROM memo('s', min_peaks := 1, subtract_blanks := true)").fetchall() == [
        ("s/1", 2, [2.0]),
        ("s/2", 1, [1.0]),
    ]
    ten = [(100.0 + number, 1.0) for number in range(10)]
    for spectrum_id, run in ((5, "1"), (6, "3")):
        put_spectrum(filled, spectrum_id, run, 1000.0, ten)
    of_units = {"study": "s", "model": "toy", "level": "run", "subtract_blanks": False}
    of_query = filled.execute(schemas.read("queries/samples/memo"), of_units)
    assert of_query.fetchall() == [("s/1", 3, [1.0] * 10), ("s/2", 1, [0.0] * 10), ("s/3", 2, [1.0] * 10)]


def test_counts_are_those_of_plain_python(con):
    generator = np.random.default_rng(0)
    expected = Counter()
    for spectrum_id in range(60):
        n = int(generator.integers(5, 30))
        # Four decimals, as instruments' files have: every hundredth number lies on a tie of two.
        mz = np.unique(generator.integers(500_000, 3_000_000, n) // 50 * 50 / 1e4)
        intensity = generator.integers(1, 60, len(mz)) * 10.0
        precursor_mz = float(generator.integers(2_000_000, 4_000_000) / 1e4)
        run = str(1 + spectrum_id % 3)
        put_spectrum(con, spectrum_id, run, precursor_mz, list(zip(mz.tolist(), intensity.tolist(), strict=True)))
        kept = mz[intensity / intensity.max() >= 0.1]
        if len(kept) >= 10:
            expected.update((f"s/{run}", f"peak@{x:.2f}") for x in kept)
            expected.update((f"s/{run}", f"loss@{x:.2f}") for x in precursor_mz - kept if 10 <= x <= 200)
    rows = con.execute("FROM memo_words('s', min_relative_intensity := 0.1)").fetchall()
    assert {(unit, word): n for unit, word, n in rows} == expected
    assert len(expected) > 500
