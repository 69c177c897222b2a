"""Compare rules by which answers are confident: by probability, by sets of one candidate, by both; keep the table for the page.

``python tests/speed/choosing/record_confident.py LAB massbank --figure confident-rules``

Judged on laboratories and analytes of the part ``test`` of :mod:`spectradb.benchmarks.calibration_check`, by a calibration and
by limits of sets from those of neither, as studies of which the library has few, half or many of the analytes.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa

sys.path.insert(0, str(Path(__file__).parents[1]))

from figures import record

from spectradb import schemas
from spectradb.benchmarks.calibration_check import is_test_analyte, is_test_laboratory
from spectradb.search.calibrate import calibration_rows, kind_of_search
from spectradb.search.calibration.studies import SHARES, CalibrationRows, fit_calibration, imitated_studies
from spectradb.search.calibration.terms import TERMS
from spectradb.search.checks import CONTRIBUTOR
from spectradb.search.methods.embedding import EMBEDDING
from spectradb.search.spec import DEFAULT_FRAGMENT_TOLERANCE_DA, DEFAULT_PPM, SearchSpec
from spectradb.store.statements import to_arrow
from spectradb.workspace.connection import open_published
from spectradb.workspace.lab_files import LabFiles

COVERAGE = 0.9
LEAST = (0.9, 0.8)
COLUMNS = ["in library", "confident by", "answers", "right, %", "of the right ones, %"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lab", type=Path)
    parser.add_argument("library")
    parser.add_argument("--about", help="the data in a few words, for the headings; default: the name of the library")
    parser.add_argument("--figure", help="name of the entry; kept only where given")
    options = parser.parse_args()
    files = LabFiles(options.lab)
    spec = SearchSpec(
        study=options.library,
        library=options.library,
        method=EMBEDDING,
        model=files.default_model,
        left_out=CONTRIBUTOR,
        ppm=DEFAULT_PPM,
        fragment_tolerance_da=DEFAULT_FRAGMENT_TOLERANCE_DA,
    )
    kind = kind_of_search(files, spec)
    with open_published(files.published) as con:
        table = calibration_rows(con, kind)
        single = single_sets(con, kind.search_id, table)
    rows = list(judged(CalibrationRows.from_arrow(table), single))
    for row in rows:
        print(*(f"{cell:>28}" for cell in row))
    if options.figure:
        record(
            options.figure,
            topic="confidence",
            title=f"{options.about or options.library}, by embedding: what rules call confident, and how often it is right",
            columns=COLUMNS,
            rows=rows,
            notes=[
                (
                    f"A single set: the set of candidates holds one at a promised coverage of {COVERAGE:.0%}. Part test of "
                    "laboratories and analytes, as above."
                )
            ],
            command=shlex.join(["python", "tests/speed/choosing/record_confident.py", "LAB", *sys.argv[2:]]),
        )


def single_sets(con, search, table):
    """Tell of each first hit whether its set holds it alone, by limits from laboratories and analytes of neither part."""
    known = to_arrow(con, schemas.read("queries/evaluation/gaps_of_truth"), {"search": search})
    elsewhere = [
        not (is_test_laboratory(laboratory or "") or is_test_analyte(analyte))
        for laboratory, analyte in zip(known["contributor"].to_pylist(), known["analyte_id"].to_pylist(), strict=True)
    ]
    con.register("set_known", known.filter(pa.array(elsewhere)))
    con.register("first_hits", table.select(["query_id", "without_truth", "score_gap"]))
    statement = Path(__file__).with_name("single_sets.sql").read_text()
    found = con.execute(statement, {"search": search, "coverage": COVERAGE}).to_arrow_table()
    if found.select(["query_id", "without_truth"]) != table.select(["query_id", "without_truth"]):
        raise SystemExit("the first hits and their sets are not of the same queries")
    return found["is_single"].to_numpy(zero_copy_only=False).astype(bool)


def judged(rows, single):
    """Count what each rule keeps, and how much of it is right."""
    test_laboratory = np.array([*map(is_test_laboratory, rows.contributor)])
    test_analyte = np.array([*map(is_test_analyte, rows.analyte)])
    own = test_laboratory & test_analyte
    fitted = fit_calibration(rows.take(~test_laboratory & ~test_analyte), None)
    whose = np.isin(rows.contributor, np.unique(rows.contributor[own]))
    of_laboratories = rows.take(whose)
    # A study is all that the laboratory measured: it tells its share by that.
    studies = imitated_studies(of_laboratories, fitted.chance_coefficients)
    here = own[whose][studies.row]
    row, share = studies.row[here], studies.share[here]
    terms = of_laboratories.terms[row]
    terms[:, TERMS.index("above_chance")] = studies.above_chance[here]
    probability = 1 / (1 + np.exp(-fitted.log_odds(terms)))
    weight = np.where(of_laboratories.answerable[row], share, 1 - share)
    right, alone = of_laboratories.right[row], single[whose][row]
    rules = {f"probability >= {least}": probability >= least for least in LEAST}
    rules["a single set"] = alone
    rules |= {f"a single set and probability >= {least}": alone & (probability >= least) for least in LEAST}
    for in_library in SHARES:
        of_share = share == in_library
        n_right = weight[of_share & right].sum()
        for name, kept in rules.items():
            n_kept, n_kept_right = weight[of_share & kept].sum(), weight[of_share & kept & right].sum()
            told = round(100 * n_kept_right / n_kept, 1) if n_kept else None
            yield [round(100 * in_library), name, round(n_kept), told, round(100 * n_kept_right / n_right, 1)]


if __name__ == "__main__":
    main()
