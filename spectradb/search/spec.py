"""A search as one object: what is searched against what, by which method, and how. The defaults of searches stand here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from spectradb.errors import BadParameter
from spectradb.search.checks import check_fragment_tolerance, check_left_out, check_number_of_answers, check_window
from spectradb.search.engines import AUTO, check_engine
from spectradb.search.methods.embedding import EMBEDDING
from spectradb.search.methods.protocol import Asked, SearchJob
from spectradb.search.methods.registry import method_kind
from spectradb.search.vectors.approximate import AUTO as INDEX_AUTO
from spectradb.search.vectors.approximate import TARGET_RECALL, check_index, check_no_index

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import duckdb

    from spectradb.search.methods.protocol import Method
    from spectradb.similarity.methods import Setting

#: Half-width of the precursor window in ppm.
DEFAULT_PPM = 10.0
#: Analytes kept per query.
DEFAULT_K = 10
#: Tolerance in Da for counting matched peaks, and that of scores of peaks.
DEFAULT_FRAGMENT_TOLERANCE_DA = 0.01

#: The study of a search of spectra at hand, which are of none.
AT_HAND = ""


@dataclass(frozen=True, kw_only=True)
class SearchSpec:
    """What to search and how; checked when it is made, as far as that can be done without a lab.

    Parameters
    ----------
    study, library : str
        Names of collections; the same where a library is tested on itself. The study of spectra at hand is :data:`AT_HAND`.
    model : str
        Whose vectors to compare, unless by a score of peaks within a precursor window.
    method : str
        One of :func:`spectradb.search.methods.registry.method_names`.
    settings : mapping of str to value, optional
        Settings of the method that differ from its defaults.
    left_out : {"contributor", "copies"}, optional
        Keep each query from spectra of its own contributor and from copies of itself, or from those copies alone.
    contributors : sequence of str, optional
        Search only the spectra of these contributors; all when None or empty.
    ppm : float or None
        Half-width of the precursor window, in ppm of the query's precursor m/z; None: an open search, without precursor filter,
        in which a score of peaks ranks the analytes nearest by embedding.
    k : int
        Analytes kept per query.
    fragment_tolerance_da : float
        Tolerance in Da for counting matched peaks, and that of scores of peaks unless their settings say otherwise.
    engine : str
        One of :data:`spectradb.search.engines.ENGINES`.
    device : str
        Where an open search multiplies vectors: ``"cpu"``, ``"cuda"`` or ``"cuda:<number>"``.
    index : str
        How an open search finds vectors, one of :data:`spectradb.search.vectors.approximate.INDEXES`.
    target_recall : float
        Recall that an approximate search should reach.
    clusters : str, optional
        Search what stands for the clusters of the study in the place of its spectra: name of the clustering; empty: the only
        one of the study. None: search each spectrum itself.

    Raises
    ------
    BadParameter
        If a number is out of range, there is no such method, engine or index, or clusters cannot be searched in this way.
    """

    study: str
    library: str
    model: str
    method: str = EMBEDDING
    settings: Mapping[str, Setting] | None = None
    left_out: str | None = None
    contributors: Sequence[str] | None = None
    ppm: float | None = DEFAULT_PPM
    k: int = DEFAULT_K
    fragment_tolerance_da: float = DEFAULT_FRAGMENT_TOLERANCE_DA
    engine: str = AUTO
    device: str = "cpu"
    index: str = INDEX_AUTO
    target_recall: float = TARGET_RECALL
    clusters: str | None = None

    def __post_init__(self) -> None:
        """Refuse what means nothing."""
        check_window(self.ppm)
        check_number_of_answers(self.k)
        check_fragment_tolerance(self.fragment_tolerance_da)
        check_left_out(self.left_out)
        check_engine(self.engine)
        check_index(self.index, self.target_recall)
        if self.ppm is not None:
            check_no_index(self.index)
        method_kind(self.method)
        if self.clusters is not None and (self.contributors or self.left_out):
            raise BadParameter(
                "clusters join spectra of several contributors: leave out the clusters, or what is left out of them"
            )

    def job(self, search_id: str = "", *, indexes: Path | None = None) -> SearchJob:
        """Return the search as methods and engines see it.

        Parameters
        ----------
        search_id : str
            Its name.
        indexes : pathlib.Path, optional
            Where the lab's indexes are kept.

        Returns
        -------
        SearchJob
            The search, of all its queries.
        """
        return SearchJob(
            study=self.study,
            library=self.library,
            model=self.model,
            ppm=self.ppm,
            k=self.k,
            fragment_tolerance_da=self.fragment_tolerance_da,
            left_out=self.left_out,
            contributors=list(self.contributors) if self.contributors else None,
            search_id=search_id,
            indexes=indexes,
        )


def resolve_method(con: duckdb.DuckDBPyConnection, spec: SearchSpec) -> Method:
    """Return the method of a search with its settings.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab, whose calibrations may tell a setting.
    spec : SearchSpec
        The search.

    Returns
    -------
    Method
        The method.

    Raises
    ------
    BadParameter
        If it has no such setting, a value means nothing, or, of spectra at hand, it is for searches that are recorded.
    """
    kind = method_kind(spec.method)
    asked = Asked(con, spec.settings or {}, spec.library, spec.model, spec.fragment_tolerance_da)
    return kind.resolve_at_hand(asked) if spec.study == AT_HAND else kind.resolve(asked)


def compares_vectors(spec: SearchSpec, method: Method) -> bool:
    """Tell whether a search compares vectors, if only beside something else or to make a shortlist.

    Parameters
    ----------
    spec : SearchSpec
        The search.
    method : Method
        Its method.

    Returns
    -------
    bool
        False for scores of peaks alone.
    """
    return method.needs_vectors or spec.ppm is None
