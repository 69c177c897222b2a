"""The section about searches: how many queries were answered, how well, the surest identifications and the doubtful ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spectradb.report.confident_answers import REMEDY, rule_of
from spectradb.report.figures.candidates import candidates_figure
from spectradb.report.figures.reliability import reliability_figure
from spectradb.report.figures.roc import roc_figure
from spectradb.report.figures.scores import scores_figure
from spectradb.report.mirrors import HOW_TO_READ, mirrors
from spectradb.report.page import Drawing, Section
from spectradb.report.queries import ask, file_name
from spectradb.report.tables import NONE, Column, as_count, as_mz, as_number, as_share
from spectradb.search.training_overlap import training_notes

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

_BINS = 40
_IDENTIFICATIONS = 20
_DOUBTFUL = 3
_SEARCHES = (
    Column("search_id", "search"),
    Column("n_queries", "queries", as_count),
    Column("n_answered", "answered", as_count),
    Column("share_answered", "share", as_share),
    Column("study", "queries from"),
    Column("library", "library"),
    Column("by", "by"),
    Column("within", "window"),
    Column("left_out", "left out"),
    Column("finished", "finished (UTC)"),
)
_ANSWERS = (
    Column("name", "analyte", is_long=True),
    Column("formula", "formula"),
    Column("adduct", "adduct"),
    Column("precursor_mz", "precursor m/z", as_mz),
    Column("score", "score", as_number),
    Column("probability", "probability", as_share),
    Column("q_value", "q-value", as_number),
    Column("matched_peaks", "matched peaks", as_count),
    Column("ppm_error", "ppm error", as_number),
    Column("n_candidate_analytes", "candidates", as_count),
    Column("verdict", "the answer is"),
    Column("seen", "spectra (runs)"),
)


def search_section(
    con: duckdb.DuckDBPyConnection, searches: Sequence[dict[str, Any]], *, shown: Sequence[dict[str, Any]]
) -> Section | None:
    """Describe searches.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    searches : sequence of dict
        Rows of ``queries/report/searches`` to list.
    shown : sequence of dict
        Those to describe in full.

    Returns
    -------
    Section or None
        None without a search.
    """
    if not searches:
        return None
    section = Section("searches", "Identification")
    section.table(
        _SEARCHES,
        [_described(row) for row in searches],
        caption="Searches; answered: with a candidate in the window, at whatever score",
    )
    if len(shown) < len(searches):
        names = ", ".join(row["search_id"] for row in shown)
        section.say(
            f"In full below: {names}. Others can be chosen by name."
            if shown
            else "None is of a study against a library: those of a library against itself are described in full when named."
        )
    for row in shown:
        _one_search(con, section, row)
    return section


def _described(row: dict[str, Any]) -> dict[str, Any]:
    within = "none (open search)" if row["ppm"] is None else f"{row['ppm']:g} ppm"
    return row | {"by": row["model"] or row["method"], "within": within}


def _one_search(con: duckdb.DuckDBPyConnection, section: Section, search: dict[str, Any]) -> None:
    name = search["search_id"]
    (found,) = ask(con, "report/search", search=name)
    section.heading(f"{name}: {search['study']} against {search['library']}")
    section.facts(search_facts(found))
    section.say(
        f"Answered: with a candidate in the window. Confident: {rule_of(con)}. Right: what the query states that it is."
    )
    if found["n_confident"] is None:
        section.say(f"Which answers are confident is not known, for the search has not what the rule asks for: {REMEDY}.")
    for note in training_notes(con, [name]):
        section.say(f"Note: {note}.")
    if not found["n_known"]:
        section.say("The queries do not state what they are, so right and wrong answers cannot be counted.")
    section.draw(*_figures(con, search, found))
    answers = ask(con, "report/identifications", search=name, k=_IDENTIFICATIONS)
    if not answers:
        return
    best = "most probable" if answers[0]["probability"] is not None else "best scoring"
    caption = f"The {len(answers)} {best} analytes of {as_count(found['n_analytes'])}, each with its best spectrum"
    section.table(_ANSWERS, [_answer(row) for row in answers], caption=caption)
    doubtful = [row | {"query_mz": row["precursor_mz"]} for row in ask(con, "report/doubtful", search=name, k=_DOUBTFUL)]
    if not doubtful:
        section.say("No answer is ambiguous, contradicted by adducts, or near what the rule asks for.")
        return
    section.say(f"Answers to look at twice: ambiguous, contradicted by adducts, or near what the rule asks for. {HOW_TO_READ}")
    section.draw(*mirrors(con, doubtful, name=file_name("search", name), tolerance=search["fragment_tolerance_da"]))


def _answer(row: dict[str, Any]) -> dict[str, Any]:
    words = {None: [], True: ["confident"], False: ["not confident"]}[row["confident"]]
    verdict = ", ".join(words + (["ambiguous"] if row["ambiguous"] else []))
    return row | {"verdict": verdict or None, "seen": f"{row['n_spectra']:,} ({row['n_runs']:,})"}


def search_facts(found: dict[str, Any]) -> list[tuple[str, str]]:
    """Choose the numbers of a search that stand out.

    Parameters
    ----------
    found : dict
        Row of ``queries/report/search``.

    Returns
    -------
    list of (str, str)
        What each is, and the number.
    """
    facts = [
        ("queries", as_count(found["n_queries"])),
        ("answered", _with_share(found["n_answered"], found["n_queries"])),
        ("confident, of answered", _with_share(found["n_confident"], found["n_answered"])),
        ("analytes among answers", as_count(found["n_analytes"])),
        ("analytes among confident answers", as_count(found["n_confident_analytes"])),
        ("median score", as_number(found["median_score"])),
        ("ambiguous answers", as_count(found["n_ambiguous"])),
    ]
    if found["n_found"] is not None:
        facts.append(("answers at q ≤ 0.05", as_count(found["n_found"])))
    if found["n_known"]:
        facts += [
            ("queries of known analyte", as_count(found["n_known"])),
            ("right, of known and answered", _with_share(found["n_right"], found["n_known_answered"])),
            ("right, of known and confident", _with_share(found["n_confident_right"], found["n_known_confident"])),
            ("known whose analyte is in reach", as_count(found["n_answerable"])),
            ("right first, of those in reach", as_share(found["top_1"])),
            ("right in first five, of those in reach", as_share(found["top_5"])),
        ]
    if found["auc"] is not None:
        facts.append(("area under the ROC curve", as_number(found["auc"])))
    return [fact for fact in facts if fact[1] != NONE]


def _with_share(n: int | None, of: int) -> str:
    if n is None:
        return "not known"
    return f"{as_count(n)} ({as_share(n / of)})" if of else NONE


def _figures(con: duckdb.DuckDBPyConnection, search: dict[str, Any], found: dict[str, Any]) -> list[Drawing]:
    name = search["search_id"]
    drawings = []
    if found["auc"] is not None:
        judged = f"{found['n_right']:,} right and {found['n_known_answered'] - found['n_right']:,} wrong first hits"
        note = f"{judged}; those of queries whose analyte is out of reach count as wrong."
        curve = roc_figure(ask(con, "figures/roc", search=name), found["auc"])
        drawings.append(Drawing(file_name("roc", name), curve, "ROC curve", note))
    if search["n_answered"]:
        bins = ask(con, "figures/scores", search=name, bins=_BINS)
        drawings.append(Drawing(file_name("scores", name), scores_figure(bins), "Scores of the first hits"))
    classes = ask(con, "report/candidates", search=name)
    if classes:
        note = (
            "Analytes of the library inside the precursor window of each query. Right: of the queries whose analyte is known, "
            "also where it is out of reach; a single candidate is no test."
        )
        drawings.append(Drawing(file_name("candidates", name), candidates_figure(classes), "Candidates to choose from", note))
    reliability = ask(con, "figures/reliability", search=name) if found["n_known"] else []
    if reliability:
        errors = reliability[0]
        note = (
            f"Expected calibration error {errors['expected_calibration_error']:.3f}, Brier score {errors['brier']:.3f}; "
            "numbers are queries, bars 95 % intervals."
        )
        drawings.append(Drawing(file_name("reliability", name), reliability_figure(reliability), "Reliability", note))
    return drawings
