"""How many answers are confident, in words that the command line and the report share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from spectradb.report.queries import ask

if TYPE_CHECKING:
    import duckdb

#: What to do about a search to which the rule cannot be applied.
REMEDY = (
    "calibrate its library and identify again, or set a rule of what the search has, such as "
    "`spectradb confident LAB 'score >= 0.7 and matched_peaks >= 4'`"
)


@dataclass(frozen=True)
class ConfidentAnswers:
    """A rule, and what it makes of the newest searches.

    Parameters
    ----------
    rule : str
        The rule.
    searches : tuple of dict
        Rows of ``queries/report/confident_counts``.
    """

    rule: str
    searches: tuple[dict[str, Any], ...]

    def lines(self) -> list[str]:
        """Describe it to a person.

        Returns
        -------
        list of str
            Lines of text.
        """
        lines = [f"confident: {self.rule}"]
        for row in self.searches:
            confident = f"confident {_not_known()}" if row["n_confident"] is None else f"{row['n_confident']:,} confident"
            lines.append(f"  {row['study']}: search {row['search_id']}: {row['n_answered']:,} answered, {confident}")
        return lines

    def lines_of(self, search_id: str) -> list[str]:
        """Describe one search to a person, in a line below what was said of it.

        Parameters
        ----------
        search_id : str
            The search.

        Returns
        -------
        list of str
            One line; none where the search is not the newest of its study.
        """
        return [f"  confident by the rule {self.rule}: {_count(row)}" for row in self.searches if row["search_id"] == search_id]

    def as_dict(self) -> dict[str, object]:
        """Describe it to a program.

        Returns
        -------
        dict
            Values that JSON can hold.
        """
        return {"rule": self.rule, "searches": list(self.searches)}


def _count(row: dict[str, Any]) -> str:
    """Say how many, and where there is none how sure the surest answer is: whether the rule is far from it."""
    if row["n_confident"] is None:
        return "not known; `spectradb confident` says why"
    if row["n_confident"] == 0 and row["best_probability"] is not None:
        return f"0; the surest of {row['n_answered']:,} answers has probability {row['best_probability']:.2f}"
    return f"{row['n_confident']:,}"


def _not_known() -> str:
    return f"not known, for the search has not what it asks for: {REMEDY}"


def count_confident(con: duckdb.DuckDBPyConnection) -> ConfidentAnswers:
    """Count the confident answers of the newest search of each study.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.

    Returns
    -------
    ConfidentAnswers
        The rule and the counts.
    """
    return ConfidentAnswers(rule_of(con), tuple(ask(con, "report/confident_counts")))


def rule_of(con: duckdb.DuckDBPyConnection) -> str:
    """Return the lab's rule in words.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.

    Returns
    -------
    str
        Conditions joined by ``and``.
    """
    (rule,) = con.table("confident_rule").to_arrow_table()["rule"].to_pylist()
    return str(rule)
