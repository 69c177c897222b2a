"""The answers of a search as mzTab-M 2.0: every candidate is evidence, every answered query a feature.

Format: N. Hoffmann et al., Anal. Chem. 2019, 91, 3302-3310; specification 2.0.0-M of HUPO-PSI.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from spectradb import __version__, schemas
from spectradb.errors import NoSpectra
from spectradb.store.statements import to_arrow

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import duckdb

_POLARITY = {"positive": "[MS, MS:1000130, positive scan, ]", "negative": "[MS, MS:1000129, negative scan, ]"}
# Putatively annotated by a spectral library, of the four levels of the Metabolomics Standards Initiative.
_RELIABILITY = "2"
_NULL = "null"
_SME = (
    *("SME_ID", "evidence_input_id", "database_identifier", "chemical_formula", "smiles", "inchi", "chemical_name", "uri"),
    *("derivatized_form", "adduct_ion", "exp_mass_to_charge", "charge", "theoretical_mass_to_charge", "spectra_ref"),
    *("identification_method", "ms_level"),
)
_SMF = (
    *("SMF_ID", "SME_ID_REFS", "SME_ID_REF_ambiguity_code", "adduct_ion", "isotopomer", "exp_mass_to_charge", "charge"),
    *("retention_time_in_seconds", "retention_time_in_seconds_start", "retention_time_in_seconds_end"),
)
_SML = (
    *("SML_ID", "SMF_ID_REFS", "database_identifier", "chemical_formula", "smiles", "inchi", "chemical_name", "uri"),
    *("theoretical_neutral_mass", "adduct_ions", "reliability", "best_id_confidence_measure", "best_id_confidence_value"),
)


class _Areas:
    """Areas of the features of queries, in the order of the assays."""

    def __init__(self, runs: Sequence[dict[str, Any]], rows: Sequence[dict[str, Any]]) -> None:
        self.runs = [run["run_id"] for run in runs]
        self.feature_of = {row["query_id"]: row["feature_id"] for row in rows}
        self.areas = {(row["feature_id"], row["run_id"]): row["area"] for row in rows}

    def of_queries(self, queries: Sequence[int]) -> list[float | None]:
        """Return the sums over the features of queries, each feature once; None where none was measured."""
        features = sorted({self.feature_of[query] for query in queries if query in self.feature_of})
        found = [[self.areas[feature, run] for feature in features if (feature, run) in self.areas] for run in self.runs]
        return [sum(areas) if areas else None for areas in found]


def mztab_lines(con: duckdb.DuckDBPyConnection, search: str) -> Iterator[str]:
    """Write the answers of a search.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    search : str
        The search.

    Yields
    ------
    str
        Lines, without their ends. Abundances are areas of the feature table of the study (``feature_areas``), by the
        ``feature_id`` of queries; null where there is none.

    Raises
    ------
    NoSpectra
        If no query has a candidate, or those that have are of no run: then there is nothing that the format can hold.
    """
    asked = {"search": search}
    evidence = to_arrow(con, schemas.read("queries/mztab/evidence"), asked).to_pylist()
    runs = to_arrow(con, schemas.read("queries/mztab/runs"), asked).to_pylist()
    (of,) = to_arrow(con, schemas.read("queries/mztab/search"), asked).to_pylist()
    evidence = [row for row in evidence if row["run_number"] is not None]
    areas = _Areas(runs, to_arrow(con, schemas.read("queries/mztab/abundances"), asked).to_pylist())
    if not evidence:
        raise NoSpectra(f"search {search} has no answer to a query that is of a run: mzTab has nothing to hold")
    calibrated = any(row["probability"] is not None for row in evidence)
    measure = f"[, , spectradb {of['method']}{' by ' + of['model'] if of['model'] else ''}, ]"
    yield from _metadata(of, runs, measure, calibrated=calibrated, has_areas=bool(areas.feature_of))
    by_query: dict[int, list[dict[str, Any]]] = {}
    for row in evidence:
        by_query.setdefault(row["query_id"], []).append(row)
    features = list(enumerate(by_query.values(), 1))
    assays = [f"abundance_assay[{n}]" for n in range(1, len(runs) + 1)]
    yield ""
    yield from _molecules(features, assays, _groups(runs), measure, areas)
    yield ""
    yield _line("SFH", *_SMF, *assays)
    for number, rows in features:
        first = rows[0]
        yield _line(
            "SMF",
            number,
            "|".join(str(row["sme_id"]) for row in rows),
            1 if len(rows) > 1 else None,
            first["adduct"],
            None,
            first["exp_mz"],
            first["charge"],
            first["retention_time_s"],
            *[None] * 2,
            *areas.of_queries([first["query_id"]]),
        )
    yield ""
    confidences = [f"id_confidence_measure[{n}]" for n in range(1, 2 + calibrated)]
    yield _line("SEH", *_SME, *confidences, "rank")
    method = f"[, , spectral library search by {of['method']}, ]"
    for row in evidence:
        yield _line(
            "SME",
            row["sme_id"],
            row["query_id"],
            row["database_identifier"],
            row["formula"],
            row["smiles"],
            None,
            row["name"] or row["analyte_id"],
            None,
            None,
            row["adduct"],
            row["exp_mz"],
            row["charge"],
            row["theoretical_mz"],
            f"ms_run[{row['run_number']}]:{_listed(row['native_id'])}",
            method,
            f"[MS, MS:1000511, ms level, {row['ms_level'] or 2}]",
            row["score"],
            *([row["probability"]] if calibrated else []),
            row["rank"],
        )


def _metadata(
    of: dict[str, Any], runs: Sequence[dict[str, Any]], measure: str, *, calibrated: bool, has_areas: bool
) -> Iterator[str]:
    within = "without a precursor window" if of["ppm"] is None else f"{of['ppm']:g} ppm"
    unit = "[MS, MS:1001844, MS1 feature area, ]" if has_areas else "[, , no abundances, ]"
    fields: list[tuple[str, object]] = [
        ("mzTab-version", "2.0.0-M"),
        ("mzTab-ID", of["search_id"]),
        ("title", f"{of['study']} against {of['library']}"),
        ("description", f"Spectra of {of['study']} searched in the spectral library {of['library']}, {within}"),
        ("software[1]", f"[, , spectradb, {__version__}]"),
        ("quantification_method", "[MS, MS:1001834, LC-MS label-free quantitation analysis, ]" if has_areas else None),
        ("small_molecule-quantification_unit", unit),
        ("small_molecule_feature-quantification_unit", unit),
        ("small_molecule-identification_reliability", "[MS, MS:1002896, compound identification confidence level, ]"),
        ("id_confidence_measure[1]", measure),
    ]
    if calibrated:
        fields.append(("id_confidence_measure[2]", "[, , calibrated probability, ]"))
    samples = list(dict.fromkeys(run["sample"] for run in runs if run["sample"]))
    fields += [(f"sample[{n}]", name) for n, name in enumerate(samples, 1)]
    for n, run in enumerate(runs, 1):
        fields += [(f"ms_run[{n}]-location", quote(run["file_name"])), (f"ms_run[{n}]-hash", run["sha256"])]
        fields.append((f"ms_run[{n}]-hash_method", "[MS, MS:1003151, SHA-256, ]"))
        if run["ion_mode"] in _POLARITY:
            fields.append((f"ms_run[{n}]-scan_polarity[1]", _POLARITY[run["ion_mode"]]))
        fields += [(f"assay[{n}]", run["name"]), (f"assay[{n}]-ms_run_ref", f"ms_run[{n}]")]
        if run["sample"]:
            fields.append((f"assay[{n}]-sample_ref", f"sample[{samples.index(run['sample']) + 1}]"))
    for n, (name, assays) in enumerate(_groups(runs).items(), 1):
        fields += [
            (f"study_variable[{n}]", name),
            (f"study_variable[{n}]-assay_refs", "|".join(f"assay[{assay}]" for assay in assays)),
            (f"study_variable[{n}]-description", name),
        ]
    fields += [
        ("cv[1]-label", "MS"),
        ("cv[1]-full_name", "PSI-MS controlled vocabulary"),
        ("cv[1]-version", "4.1"),
        ("cv[1]-uri", "https://purl.obolibrary.org/obo/ms.obo"),
        ("database[1]", f"[, , {_plain(of['library'])}, ]"),
        ("database[1]-prefix", of["library"]),
        ("database[1]-version", f"record {of['record_version']}"),
        ("database[1]-uri", None),
    ]
    yield from (_line("MTD", name, value) for name, value in fields)


def _groups(runs: Sequence[dict[str, Any]]) -> dict[str, list[int]]:
    """Give the numbers of the assays of each group of samples."""
    groups: dict[str, list[int]] = {}
    for n, run in enumerate(runs, 1):
        groups.setdefault(run["sample_group"] or "undefined", []).append(n)
    return groups


def _molecules(
    features: Sequence[tuple[int, list[dict[str, Any]]]],
    assays: Sequence[str],
    groups: dict[str, list[int]],
    measure: str,
    areas: _Areas,
) -> Iterator[str]:
    """Write the analytes of the first candidates, each with all its features."""
    variables = [
        f"{what}_study_variable[{n}]" for what in ("abundance", "abundance_variation") for n in range(1, len(groups) + 1)
    ]
    yield _line("SMH", *_SML, *assays, *variables)
    analytes: dict[str, list[tuple[int, dict[str, Any]]]] = {}
    for number, rows in features:
        analytes.setdefault(rows[0]["analyte_id"], []).append((number, rows[0]))
    for number, found in enumerate(analytes.values(), 1):
        best = max((row for _, row in found), key=lambda row: row["score"])
        sums = areas.of_queries([row["query_id"] for _, row in found])
        yield _line(
            "SML",
            number,
            "|".join(str(feature) for feature, _ in found),
            _listed(best["database_identifier"]),
            best["formula"],
            best["smiles"],
            None,
            _listed(best["name"] or best["analyte_id"]),
            None,
            best["monoisotopic_mass"],
            "|".join(sorted({row["adduct"] for _, row in found if row["adduct"]})) or None,
            _RELIABILITY,
            measure,
            best["score"],
            *sums,
            *(_mean([sums[assay - 1] for assay in of_group]) for of_group in groups.values()),
            *[None] * len(groups),
        )


def _listed(text: str) -> str:
    """Write a value of a list, whose values a bar parts."""
    return text.replace("|", "%7C")


def _line(*values: object) -> str:
    return "\t".join(_NULL if value is None or value == "" else _plain(value) for value in values)


def _plain(value: object) -> str:
    """Write a value in one cell; within parameters a comma would part them, and names of libraries have none."""
    return " ".join(str(value).split())


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
