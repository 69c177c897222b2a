"""A study of three runs, with a row or two of everything that the dashboard shows: a blank, a sample of a hostile name, a QC.

=====  =======  ========  ========  ==========  =====================================================
query  run      analyte   time, s   library     answer of the search s
=====  =======  ========  ========  ==========  =====================================================
1      blank    A         60        -1 ppm      probability .95, confident
2      tea      A         62        +1 ppm      probability .9, confident
3      tea      B         100       +3 ppm      probability .5
4      tea                200                   none
5      qc       A         67        +2 ppm      probability .92, confident
=====  =======  ========  ========  ==========  =====================================================
"""

from datetime import datetime

import metric_lab
from table_rows import put, put_names, whole_lab

HOSTILE = """<img src=x onerror="window.hit = 1">'"</script><!--"""
GROUP = "</td><b>&amp;"
QUERIES = [
    (1, "st/blank", 60.0, "A", -1.0, 0.95),
    (2, "st/tea", 62.0, "A", 1.0, 0.9),
    (3, "st/tea", 100.0, "B", 3.0, 0.5),
    (4, "st/tea", 200.0, None, None, None),
    (5, "st/qc", 67.0, "A", 2.0, 0.92),
]
RUNS = [
    ("blank", "blank", None, 1, datetime.fromisoformat("2026-01-01 08:00")),
    ("tea", "sample", GROUP, 3, datetime.fromisoformat("2026-01-01 09:00")),
    ("qc", "QC", "pool", 1, datetime.fromisoformat("2026-01-01 10:00")),
]


def filled():
    """The published tables, views and macros, in memory."""
    con = whole_lab()
    put(con, "libraries", {"name": "lib", "n_spectra": 2, "n_analytes": 2, "n_duplicates": 0})
    put(con, "studies", {"name": "st", "n_spectra": 5, "n_analytes": 0, "n_duplicates": 0})
    put(con, "models", {"name": "toy", "kind": "hash", "dimension": 2, "fingerprint": "0123456789abcdef"})
    put(con, "properties", {"name": "default_model", "value": "toy"})
    put(con, "publications", {"table_name": "spectra", "published": datetime.fromisoformat("2026-01-02 12:30")})
    for name, kind, group, n, started in RUNS:
        put(con, "samples", {"sample_id": name, "study": "st", "name": name, "sample_type": kind, "sample_group": group})
        run = {"run_id": f"st/{name}", "collection": "st", "sample_id": name, "n_spectra": n, "started": started}
        put(con, "runs", run)
    con.execute("UPDATE samples SET name = ? WHERE sample_id = 'tea'", [HOSTILE])
    put_search(con)
    put_the_rest(con)
    return con


def put_search(con):
    """Fill in the spectra, and the search s of them."""
    put(con, "searches", metric_lab.search("s", finished=datetime.fromisoformat("2026-01-02 11:00"), n_queries=5, n_answered=4))
    put(con, "analytes", {"analyte_id": "A", "name": "alpha"}, {"analyte_id": "B", "name": "beta"})
    put_names(con, "lib", {"A": "alpha", "B": "beta"})
    for i, analyte, instrument in ((101, "A", "LC-ESI-QTOF"), (102, "B", None)):
        own = {"adduct": "[M+H]+", "instrument_type": instrument, "mz": [50.0], "intensity": [1.0], "n_peaks": 1}
        put(con, "spectra", metric_lab.spectrum("lib", i, analyte, 200.0, **own))
    for i, run, time, analyte, ppm, probability in QUERIES:
        peaks = {"n_peaks": 2, "tic": 100.0 * i, "mz": [50.0, 60.0], "intensity": [1.0, 2.0]}
        put(con, "spectra", metric_lab.spectrum("st", i, None, 200.0, run_id=run, retention_time_s=time, **peaks))
        if analyte is not None:
            (hit,) = metric_lab.hits("s", i, (analyte, probability))
            library = 101 if analyte == "A" else 102
            put(con, "hits", hit | {"probability": probability, "ppm_error": ppm, "library_spectrum_id": library})


def put_the_rest(con):
    """Fill in a projection, markers, benchmarks and the log of imports."""
    kind = {"study": "st", "method": "mean", "model": "toy", "level": "run", "projection": "pca", "blanks_subtracted": False}
    for name, x in (("blank", -1.0), ("tea", 0.5), ("qc", 0.25)):
        put(con, "sample_projection", kind | {"unit_id": f"st/{name}", "x": x, "y": 2.0})
    marker = {"study": "st", "target": "sample_group", "group_value": "pool", "level": "run", "codebook": "words"}
    for codeword, delta, q in ((7, 1.0, 0.01), (8, -0.5, 0.001), (9, 0.5, 0.1)):
        more = {"codeword": codeword, "cliffs_delta": delta, "q_value": q, "log2_fold": 2 * delta, "n_spectra": 3}
        put(con, "group_markers", marker | more)
    for spectrum in (1, 2, 5):
        put(con, "spectrum_codewords", {"codebook": "words", "spectrum_id": spectrum, "codeword": 7})
    put(
        con,
        "benchmarks",
        {"name": "b", "protocol": "retrieval", "parameters": "{}", "finished": datetime.fromisoformat("2026-01-02 00:00")},
    )
    for method, subset, value in (("m", "all", 0.5), ("m", "part", 0.25), ("n", "all", 0.75), ("m against n", "all", -0.25)):
        result = {"benchmark": "b", "protocol": "retrieval", "method": method, "subset": subset, "metric": "top_1"}
        put(con, "benchmark_results", result | {"value": value, "low": value - 0.125, "n": 8})
    for collection, outcome, reason, n in (
        ("lib", "dropped", "no_peaks", 1),
        ("lib", "kept", "kept", 2),
        ("lib", "read", "read", 3),
        ("st", "read", "read", 5),
        ("st", "failed", "unreadable", 1),
    ):
        put(con, "import_log", {"collection": collection, "file_name": "a", "outcome": outcome, "reason": reason, "n": n})
