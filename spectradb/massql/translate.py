"""From a query to one statement of SQL, which runs in any DuckDB shell on the published file.

Every condition becomes a part of WITH that lists the spectra which meet it. A fixed m/z or loss is asked of macros that find a
range of them in a few blocks of sorted tables; what has no range is asked of the views of peaks. A variable X is the m/z (or
loss, or precursor) of the condition in which it stands alone: each of the spectrum's own peaks in turn.

What is written are numbers and names that were read, and the original conditions as comments of one line; whatever needs more
than a condition is a macro of the lab.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from spectradb.errors import BadMassQL
from spectradb.massql.predicates import bounds_of, expression, number, of_peak, of_spectrum, tolerance
from spectradb.massql.query import Condition, Linear, Query

if TYPE_CHECKING:
    from collections.abc import Sequence

_VIEWS = {"MS2PROD": "peaks", "MS2NL": "peaks_by_spectrum"}
# Macros of spectra with a peak between bounds, and of such peaks, for conditions on more than the bounds.
_SPECTRA_BETWEEN = {"MS2PROD": "massql_with_fragment", "MS2NL": "massql_with_loss"}
_PEAKS_BETWEEN = {"MS2PROD": "massql_fragments", "MS2NL": "massql_losses"}
_IDS = ("native_id", "spectrum_id", "collection", "run_id")
# Each once, in a list that the engine expects to be short.
_ONCE = "SELECT unnest(list(DISTINCT spectrum_number)) AS spectrum_number"
_ABOUT = (*_IDS, "precursor_mz", "charge", "ion_mode", "retention_time_s", "n_peaks")
#: What the functions show of a spectrum.
COLUMNS = {
    "": (*_ABOUT, "mz", "intensity"),
    "scaninfo": (*_ABOUT, "intensity_sum", "relative_intensity_max"),
    "scansum": (*_IDS, "intensity_sum"),
    "scanrangesum": (*_IDS, "intensity_sum"),
    "scanmaxint": (*_IDS, "intensity_max"),
    "scannum": _IDS,
}


def to_sql(query: Query, collections: Sequence[str] = ()) -> str:
    """Write a query as SQL.

    Parameters
    ----------
    query : Query
        The query.
    collections : sequence of str
        Libraries and studies to ask; empty: all.

    Returns
    -------
    str
        A SELECT, without a semicolon. Columns: those of ``COLUMNS``, ``native_id`` first; with a variable also ``x``, the
        sorted list of its values; of ``scanmz`` only ``precursor_mz``.

    Raises
    ------
    BadMassQL
        If a variable stands nowhere alone, or an intensity is matched that no condition names.
    """
    return _Translation(query, collections).statement()


class _Translation:
    def __init__(self, query: Query, collections: Sequence[str]) -> None:
        self.query = query
        self.collections = collections
        self.parts: list[str] = []
        self.spectra: list[str] = ["ms_level = 2"]
        self.with_peaks: list[str] = []
        self.joins: list[str] = []
        self.anchors: list[str] = []
        self.references: dict[str, tuple[str, bool]] = {}
        self.n = 0
        is_reference = [condition.qualifiers.is_reference for condition in query.where]
        self.where = [c for c, first in zip(query.where, is_reference, strict=True) if first]
        self.where += [c for c, first in zip(query.where, is_reference, strict=True) if not first]
        self.anchor = _anchor(self.where)
        self.has_peaks = not query.function or bool(query.filters)

    def statement(self) -> str:
        """Write the whole."""
        if self.collections:
            names = ", ".join("'" + name.replace("'", "''") + "'" for name in self.collections)
            self.spectra.append(f"collection IN ({names})")
        for condition in self.where:
            if not self._varies(condition):
                self._fixed(condition)
        if self.anchor is not None:
            self._variable()
        self._found()
        return "WITH\n" + ",\n".join(self.parts) + "\n" + self._shown()

    def _varies(self, condition: Condition) -> bool:
        match = condition.qualifiers.match
        of_reference = match is not None and self.references.get(match.variable, ("", False))[1]
        return condition.has_variable or of_reference

    def _add(self, name: str, body: str, about: str = "") -> None:
        lines = "\n".join(f"    {line}" for line in body.replace("\nWHERE true", "").split("\n"))
        self.parts.append(f"{f'-- {about}{chr(10)}' if about else ''}{name} AS (\n{lines}\n)")

    def _fixed(self, condition: Condition) -> None:
        if condition.field not in _VIEWS:
            self.spectra.append(of_spectrum(condition))
            return
        self.n += 1
        name = f"condition_{self.n}"
        view = _VIEWS[condition.field]
        if condition.qualifiers.match is not None:
            rows = f"SELECT spectrum_id, intensity\nFROM {view}\nWHERE {of_peak(condition, condition.values[0])}"
            self._add(name, self._matched(condition, rows, ("spectrum_id",), name), condition.text)
        elif condition.values:
            self._between(condition, name)
            return
        else:
            rows_of = [f"FROM {view}\nWHERE {of_peak(condition, None)}"]
            self._add(name, _any_of(rows_of, condition, "spectrum_id"), condition.text)
        kind = "NOT IN" if condition.qualifiers.is_excluded else "IN"
        self.spectra.append(f"spectrum_id {kind} (SELECT spectrum_id FROM {name})")  # noqa: S608 - a name made here

    def _between(self, condition: Condition, name: str) -> None:
        """Write a condition on peaks between bounds, by the numbers of spectra."""
        also = of_peak(condition, None)
        macro = (_SPECTRA_BETWEEN if also == "true" else _PEAKS_BETWEEN)[condition.field]
        rows_of = [
            f"FROM {macro}({', '.join(bounds_of(value, condition.qualifiers))})\nWHERE {also}" for value in condition.values
        ]
        if condition.qualifiers.cardinality is not None:
            body = f"{_ONCE}\nFROM (\n{_any_of(rows_of, condition, 'spectrum_number')}\n)"
        elif len(rows_of) > 1:
            body = f"{_ONCE}\nFROM (\n{f'{chr(10)}UNION ALL{chr(10)}'.join(rows_of)}\n)"
        else:
            body = f"{'SELECT spectrum_number' if also == 'true' else _ONCE}\n{rows_of[0]}"
        self._add(name, body, condition.text)
        if condition.qualifiers.is_excluded:
            numbered = f"SELECT spectrum_id FROM peak_spectra INNER JOIN {name} USING (spectrum_number)"  # noqa: S608 - made here
            self.spectra.append(f"spectrum_id NOT IN ({numbered})")
        else:
            self.with_peaks.append(name)

    def _source(self) -> str:
        """Write where spectra are looked for: among all, or those with the peaks that all conditions ask for."""
        if not self.with_peaks:
            return "spectra"
        joins = "".join(f"\nINNER JOIN {name} USING (spectrum_number)" for name in self.with_peaks)
        self._add("with_peaks", f"SELECT spectrum_id\nFROM peak_spectra{joins}")
        return "spectra\nINNER JOIN with_peaks USING (spectrum_id)"

    def _matched(self, condition: Condition, rows: str, keys: tuple[str, ...], name: str) -> str:
        """Write the sum of intensities of a condition: as what Y stands for, or compared with that."""
        match = condition.qualifiers.match or Linear(0.0)
        by = ", ".join(keys)
        total = f"SELECT {by}, sum(intensity::DOUBLE) AS total\nFROM ({rows})\nGROUP BY {by}"
        if condition.qualifiers.is_reference:
            if match.variable in self.references:
                msg = f"MassQL: two conditions say what {match.variable} is; INTENSITYMATCHREFERENCE stands in one"
                raise BadMassQL(msg)
            self.references[match.variable] = (name, len(keys) > 1)
            return total
        if match.variable not in self.references:
            remedy = f"one needs :INTENSITYMATCH={match.variable}:INTENSITYMATCHREFERENCE"
            msg = f"MassQL: no condition says what {match.variable} is: {remedy}"
            raise BadMassQL(msg)
        reference, varies = self.references[match.variable]
        shared = keys if varies else ("spectrum_id",)
        wanted = f"({expression(match, 'reference.total')})"
        share = number((condition.qualifiers.match_percent or 0.0) / 100)
        chosen = ", ".join(f"compared.{key}" for key in keys)
        return (
            f"SELECT {chosen}\nFROM ({total}) AS compared\nINNER JOIN {reference} AS reference USING ({', '.join(shared)})\n"
            f"WHERE compared.total > {wanted} - {share} * {wanted} AND compared.total < {wanted} + {share} * {wanted}"
        )

    def _variable(self) -> None:
        """Write what the variable is, and what else it has to meet."""
        anchor = self.anchor
        if anchor is None:
            return
        self._add("candidates", f"SELECT spectrum_id, precursor_mz\nFROM {self._source()}\nWHERE {_all(self.spectra)}")
        of_x = "precursor_mz" if anchor.field == "MS2PREC" else ("mz" if anchor.field == "MS2PROD" else "loss")
        bounds = self._bounds(of_x)
        if anchor.field == "MS2PREC":
            self._add(
                "variable", f"SELECT spectrum_id, precursor_mz, precursor_mz AS x\nFROM candidates\nWHERE {bounds}", anchor.text
            )
        else:
            meets = _all([of_peak(anchor, None), bounds])
            self._add(
                "variable",
                f"SELECT spectrum_id, precursor_mz, {of_x} AS x\nFROM peaks_by_spectrum\n"
                f"SEMI JOIN candidates USING (spectrum_id)\nWHERE {meets}",
                anchor.text,
            )
        for condition in self.where:
            if self._varies(condition) and (condition is not anchor or condition.qualifiers.match is not None):
                self._with_variable(condition)

    def _bounds(self, of_x: str) -> str:
        bounds = []
        if self.query.x_range is not None:
            low, high = (number(bound) for bound in self.query.x_range)
            bounds.append(f"{of_x} BETWEEN {low} AND {high}")
        if self.query.x_defect is not None:
            low, high = (number(bound) for bound in self.query.x_defect)
            bounds.append(f"{of_x} - trunc({of_x}) BETWEEN {low} AND {high}")
        return _all(bounds)

    def _with_variable(self, condition: Condition) -> None:
        if condition.field == "MS2PREC":
            self.anchors.append(of_spectrum(condition))
            return
        self.n += 1
        name = f"condition_{self.n}"
        rows_of = []
        for k, value in enumerate(condition.values, 1):
            places = f"places_{self.n}" if len(condition.values) == 1 else f"places_{self.n}_{k}"
            centre = expression(value) if condition.field == "MS2PROD" else f"precursor_mz - ({expression(value)})"
            da = tolerance(value, condition.qualifiers)
            self._add(places, f"SELECT spectrum_id, x, {centre} AS centre, {da} AS tolerance\nFROM variable")
            rows_of.append(f"FROM massql_peaks_near('{places}', 'candidates')\nWHERE {of_peak(condition, None)}")
        if condition.qualifiers.match is not None:
            rows = f"SELECT spectrum_id, x, intensity\n{rows_of[0]}"
            self._add(name, self._matched(condition, rows, ("spectrum_id", "x"), name), condition.text)
        else:
            self._add(name, _any_of(rows_of, condition, "spectrum_id, x"), condition.text)
        self.joins.append(f"{'ANTI' if condition.qualifiers.is_excluded else 'SEMI'} JOIN {name} USING (spectrum_id, x)")

    def _found(self) -> None:
        if self.anchor is not None:
            joins = "".join(f"\n{join}" for join in self.joins)
            where = f"\nWHERE {_all(self.anchors)}" if self.anchors else ""
            self._add(
                "met",
                f"SELECT spectrum_id, list(DISTINCT x ORDER BY x) AS x\nFROM variable{joins}{where}\nGROUP BY spectrum_id",
            )
            source, x, meets = "spectra\nINNER JOIN met USING (spectrum_id)", ", x", []
        else:
            source, x, meets = self._source(), "", self.spectra
        where = f"\nWHERE {_all(meets)}" if meets else ""
        if not self.query.filters:
            columns = "spectrum_id, mz, intensity" if self.has_peaks else "spectra.*"
            self._add("found", f"SELECT {columns}{x}\nFROM {source}{where}")
            return
        self._add("unfiltered", f"SELECT spectrum_id{x}\nFROM {source}{where}")
        wanted = [_of_filter(condition) for condition in self.query.filters]
        first_x = ", any_value(x) AS x" if x else ""
        self._add(
            "found",
            f"SELECT spectrum_id, list(mz ORDER BY mz) AS mz, list(intensity ORDER BY mz) AS intensity{first_x}\n"
            f"FROM peaks_by_spectrum\nINNER JOIN unfiltered USING (spectrum_id)\nWHERE {_all(wanted)}\nGROUP BY spectrum_id",
            " AND ".join(condition.text for condition in self.query.filters),
        )

    def _shown(self) -> str:
        told = f"FROM massql_{'peakinfo' if self.has_peaks else 'scaninfo'}('found')"
        if self.query.function == "scanmz":
            return f"SELECT DISTINCT precursor_mz\n{told}\nORDER BY precursor_mz"
        columns = (*COLUMNS[self.query.function], *(("x",) if self.anchor is not None else ()))
        order = "ORDER BY collection, run_id, length(native_id), native_id, spectrum_id"
        return f"SELECT {', '.join(columns)}\n{told}\n{order}"


def _anchor(where: Sequence[Condition]) -> Condition | None:
    """Find the condition in which the variable stands alone; a precursor is one number and goes before peaks."""
    if not any(condition.has_variable for condition in where):
        return None
    for field in ("MS2PREC", "MS2PROD", "MS2NL"):
        for condition in where:
            is_alone = len(condition.values) == 1 and condition.values[0].is_bare and not condition.qualifiers.is_excluded
            if condition.field == field and is_alone:
                return condition
    msg = "MassQL: nothing says what X is: one condition has to be MS2PROD=X, MS2PREC=X or MS2NL=X, without EXCLUDED"
    raise BadMassQL(msg)


def _any_of(rows_of: Sequence[str], condition: Condition, keys: str) -> str:
    """Write what meets any of the alternatives, or as many of them as CARDINALITY says."""
    bounds = condition.qualifiers.cardinality
    if bounds is None:
        return "\nUNION ALL\n".join(f"SELECT DISTINCT {keys}\n{rows}" for rows in rows_of)
    each = "\nUNION ALL\n".join(f"SELECT {keys}, {k} AS alternative\n{rows}" for k, rows in enumerate(rows_of, 1))
    low, high = number(max(bounds[0], 1.0)), number(bounds[1])
    return f"SELECT {keys}\nFROM (\n{each}\n)\nGROUP BY {keys}\nHAVING count(DISTINCT alternative) BETWEEN {low} AND {high}"


def _of_filter(condition: Condition) -> str:
    q = condition.qualifiers
    if condition.field not in _VIEWS or condition.has_variable or q.match is not None or q.cardinality is not None:
        remedy = "FILTER chooses peaks by MS2PROD or MS2NL, without X, CARDINALITY and INTENSITYMATCH"
        msg = f"MassQL: FILTER {condition.text}: {remedy}"
        raise BadMassQL(msg)
    values = condition.values or (None,)
    wanted = "(" + " OR ".join(of_peak(condition, value) for value in values) + ")"
    return f"NOT {wanted}" if q.is_excluded else wanted


def _all(conditions: Sequence[str]) -> str:
    return "\n    AND ".join(condition for condition in conditions if condition != "true") or "true"
