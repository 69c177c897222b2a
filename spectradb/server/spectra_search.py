"""The search of spectra that a client sends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa

from spectradb.errors import BadParameter, SpectraDBError
from spectradb.search.adhoc import one_spectrum, search
from spectradb.search.checks import check_collections
from spectradb.search.methods.embedding import EMBEDDING
from spectradb.search.resident.search import is_resident, plain_peaks, search_resident
from spectradb.search.spec import AT_HAND, SearchSpec
from spectradb.search.vectors.open_model import model_of_search
from spectradb.server.bodies import SearchBody, name_of, query_spectrum
from spectradb.server.refusals import told

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from spectradb.arrays.matchms_spectra import QuerySpectrum
    from spectradb.server.served_lab import ServedLab, ServedState

# What a candidate is told with, in this order, beside its InChIKey and its matched peaks.
_TOLD = (
    *("rank", "analyte_id", "name", "analyte_name", "formula", "smiles", "adduct", "score", "score_gap", "ppm_error"),
    *("expected_tanimoto", "mz_difference", "n_candidate_analytes", "library_native_id", "library_precursor_mz"),
    "precursor_source",
)


class _Fit(NamedTuple):
    """A spectrum that can be searched: its answer, as it was sent, and the m/z that are left of it."""

    answer: dict[str, Any]
    spectrum: QuerySpectrum
    mz: NDArray[np.float64]


def is_quick(state: ServedState, body: SearchBody) -> bool:
    """Tell whether a search takes a millisecond, so that no thread is needed for it.

    Parameters
    ----------
    state : ServedState
        The lab.
    body : SearchBody
        The search.

    Returns
    -------
    bool
        Whether it is of one spectrum, and answered from memory.
    """
    model = body.model or state.opened.default_model
    return (
        len(body.spectra) == 1
        and body.method == EMBEDDING
        and body.ppm is not None
        and is_resident(state.opened, body.library, model)
        and state.has_facts(body.library)
    )


def search_spectra(lab: ServedLab, state: ServedState, body: SearchBody) -> dict[str, Any]:
    """Search spectra of a client.

    Parameters
    ----------
    lab : ServedLab
        The lab.
    state : ServedState
        Its state that is searched.
    body : SearchBody
        What the client sent.

    Returns
    -------
    dict
        ``library``, ``method``, ``model`` and ``answers``, one for each spectrum in its order: its name as ``query`` with
        ``candidates``, or with ``error``, ``state`` and ``remedy`` where it cannot be searched.

    Raises
    ------
    SpectraDBError
        If nothing can be searched: no such library, method or model, a number that means nothing, too many spectra.
    """
    limits = lab.limits
    if len(body.spectra) > limits.spectra or body.k > limits.candidates:
        raise BadParameter(
            f"{len(body.spectra):,} spectra and {body.k:,} candidates of each are asked for; this server takes "
            f"{limits.spectra:,} and {limits.candidates:,}. Ask for less at a time"
        )
    default = state.opened.default_model if body.ppm is not None else None
    spec = SearchSpec(
        study=AT_HAND,
        library=body.library,
        model=body.model or default or model_of_search(lab.files, body.ppm, body.library),
        method=body.method,
        ppm=body.ppm,
        k=body.k,
        fragment_tolerance_da=body.fragment_tolerance_da,
    )
    answers: list[dict[str, Any]] = []
    fit: list[_Fit] = []
    for place, record in enumerate(body.spectra, 1):
        answer: dict[str, Any] = {"query": name_of(record, place)}
        answers.append(answer)
        try:
            spectrum = query_spectrum(record)
            clean = plain_peaks([spectrum])
            # What is left without peaks, or cannot be cleaned alone, is refused there with the reason.
            mz = clean.mz if clean else one_spectrum(*spectrum[:3], ion_mode=spectrum.ion_mode)["mz"][0].values.to_numpy()
        except SpectraDBError as error:
            answer.update(told(error))
        else:
            answer["candidates"] = []
            fit.append(_Fit(answer, spectrum, mz))
    found = _found(lab, state, spec, [asked.spectrum for asked in fit])
    facts = state.facts(spec.library)
    for row in found:
        asked = fit[row["query_id"]]
        at = facts.row(row["library_spectrum_id"])
        asked.answer["candidates"].append(
            {
                **{name: row[name] for name in _TOLD if name in row},
                "inchikey": facts.inchikeys[at].as_py(),
                "matched_peaks": facts.matched_peaks(at, asked.mz, spec.fragment_tolerance_da),
                "library_spectrum_id": str(row["library_spectrum_id"]),
            }
        )
    return {"library": spec.library, "method": spec.method, "model": spec.model, "answers": answers}


def _found(lab: ServedLab, state: ServedState, spec: SearchSpec, spectra: list[QuerySpectrum]) -> list[dict[str, Any]]:
    if not is_resident(state.opened, spec.library, spec.model):
        with state.opened.cursor(statement="") as con:
            check_collections(con, spec.library)
    if not spectra:
        return []
    found = search_resident(state.opened, spectra, spec, embedders=state.embedders, at_once=True)
    if found is None:
        tables = [one_spectrum(*spectrum[:3], ion_mode=spectrum.ion_mode) for spectrum in spectra]
        with state.opened.cursor(statement="") as con:
            found = search(con, pa.concat_tables(tables), spec, embedders=state.embedders, indexes=lab.indexes)
    rows: list[dict[str, Any]] = found.to_pylist()
    return rows
