"""Two hand-made searches, ``s`` and ``t``, of one study, in which every metric can be worked out by hand.

The library has A and B (isomers), D, and C in negative mode. The study has two runs, of dilutions 10 and 20:

=====  ===  =====  =====================  =====================  ==========================================
query  run  truth  hits of s              hits of t              what it is
=====  ===  =====  =====================  =====================  ==========================================
1      r1   A      A .9, B .5             A .8, B .7             right in both
2      r1   B      A .8, B .6             B .9, A .1             right in t
3      r1   C                                                    its analyte is there in the other mode only
4      r1   Z      A .7, B .3             B .5, A .4             its analyte is not in the library
5      r2   D      D .95                  D .5                   right in both, a single candidate
6      r2          B .85, A .1            A .3, B .2             of an unknown analyte
7      r2   A      A .6, B .2             B .6, A .5             right in s
8      r2   Z      B .4, A .1             A .2, B .1             its analyte is not in the library
=====  ===  =====  =====================  =====================  ==========================================
"""

from itertools import pairwise

from table_rows import put, tables

from spectradb import schemas

TABLES = (
    "searches",
    "hits",
    "spectra",
    "analytes",
    "analyte_names",
    "structures",
    "runs",
    "samples",
    "mces",
    "tautomers",
    "models",
)
LIBRARY = [
    (101, "A", 200.0, "positive"),
    (102, "B", 200.0, "positive"),
    (103, "C", 300.0, "negative"),
    (104, "D", 400.0, "positive"),
]
QUERIES = [
    (1, "r1", "A", 200.001),
    (2, "r1", "B", 200.0),
    (3, "r1", "C", 300.0),
    (4, "r1", "Z", 200.0),
    (5, "r2", "D", 400.0),
    (6, "r2", None, 200.0),
    (7, "r2", "A", 200.0),
    (8, "r2", "Z", 200.0),
]
HITS = {
    "s": {1: "A.9 B.5", 2: "A.8 B.6", 4: "A.7 B.3", 5: "D.95", 6: "B.85 A.1", 7: "A.6 B.2", 8: "B.4 A.1"},
    "t": {1: "A.8 B.7", 2: "B.9 A.1", 4: "B.5 A.4", 5: "D.5", 6: "A.3 B.2", 7: "B.6 A.5", 8: "A.2 B.1"},
}
ANALYTES = [("A", "alpha", "F1"), ("B", "beta", "F1"), ("C", "gamma", "F2"), ("D", "delta", "F3"), ("Z", "zeta", "F1")]


# Metrics of estimated probabilities, which stand on macros of another folder.
OF_PROBABILITIES = {
    name
    for name in schemas.names("macros/metrics")
    if name.rpartition("/")[2] in {"calibration_error", "false_discovery", "calibration_curve"}
}


def bare():
    """A connection with the published tables that metrics read, empty, and all metrics but those of probabilities."""
    con = tables(*TABLES)
    wanted = {
        *schemas.names("macros/metrics"),
        "views/spectra/known_analytes",
        "views/samples/sample_metadata",
    } - OF_PROBABILITIES
    for name in schemas.creation_order("macros/metrics", "views"):
        if name in wanted:
            con.execute(schemas.read(name))
    return con


def filled():
    """The connection with the two searches."""
    con = bare()
    put(con, "searches", *(search(name) for name in HITS))
    put(con, "analytes", *({"analyte_id": a, "name": name, "formula": formula} for a, name, formula in ANALYTES))
    put(con, "runs", {"run_id": "r1", "sample_id": "one"}, {"run_id": "r2", "sample_id": "two"})
    put(
        con,
        "samples",
        {"sample_id": "one", "name": "one", "sample_group": "g", "dilution": 10.0, "metadata": {"roast": "dark"}},
        {"sample_id": "two", "name": "two", "sample_group": "g", "dilution": 20.0, "metadata": {"cups": "2"}},
    )
    put(con, "spectra", *(spectrum("lib", i, analyte, mz, ion_mode=mode) for i, analyte, mz, mode in LIBRARY))
    put(con, "spectra", *(spectrum("st", i, analyte, mz, run_id=run) for i, run, analyte, mz in QUERIES))
    for name, answers in HITS.items():
        for query, text in answers.items():
            put(con, "hits", *hits(name, query, *((part[0], float(part[1:])) for part in text.split())))
    return con


PROBABILITIES = {1: 0.95, 2: 0.85, 4: 0.35, 5: 0.9, 6: 0.8, 7: 0.3, 8: 0.05}


def filled_with_probabilities():
    """Fill the lab; the search s has probabilities, and q-values of its queries 1 and 5, and the metrics of both are there."""
    con = filled()
    for name in (
        "thresholds/probability_q_values",
        "scores/calibration_curve",
        "scores/calibration_error",
        "thresholds/false_discovery",
    ):
        con.execute(schemas.read(f"macros/metrics/{name}"))
    for query, probability in PROBABILITIES.items():
        values = {"q": query, "p": probability, "fdr": {1: 0.05, 5: 0.15}.get(query)}
        con.execute(
            "UPDATE hits SET probability = $p, q_value = $fdr WHERE search_id = 's' AND rank = 1 AND query_id = $q", values
        )
    return con


def search(search_id, *, study="st", library="lib", **more):
    """One row of searches."""
    return {"search_id": search_id, "study": study, "library": library, "ppm": 10.0, "k": 10} | more


def spectrum(collection, spectrum_id, analyte_id, precursor_mz, *, ion_mode="positive", peaks_hash=None, **more):
    """One row of spectra; its peaks are like those of no other unless a hash is given."""
    return {
        "spectrum_id": spectrum_id,
        "collection": collection,
        "analyte_id": analyte_id,
        "precursor_mz": precursor_mz,
        "ion_mode": ion_mode,
        "peaks_hash": spectrum_id if peaks_hash is None else peaks_hash,
    } | more


def hits(search_id, query_id, *ranked):
    """Rows of hits of one query: analytes with their scores, best first."""
    gaps = [a - b for (_, a), (_, b) in pairwise(ranked)] + [None]
    return [
        {
            "search_id": search_id,
            "query_id": query_id,
            "rank": rank,
            "analyte_id": analyte,
            "score": score,
            "score_gap": gap,
            "n_candidate_analytes": len(ranked),
        }
        for rank, ((analyte, score), gap) in enumerate(zip(ranked, gaps, strict=True), 1)
    ]


def rounded(rows, digits=6):
    """Rows with their floats rounded: scores are kept in single precision."""
    return [tuple(round(value, digits) if isinstance(value, float) else value for value in row) for row in rows]
