"""What a lab does with networks: which of its spectra are related."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from spectradb.errors import BadParameter
from spectradb.facade.verb import Part
from spectradb.search.methods.embedding import EMBEDDING

if TYPE_CHECKING:
    from spectradb.networks.network import Network
    from spectradb.workspace.lab_files import PathLike


class Networks(Part):
    """The verb that links spectra; nothing is recorded."""

    def network(
        self,
        collection: str,
        *,
        method: str = EMBEDDING,
        model: str | None = None,
        min_score: float = 0.7,
        top_k: int = 10,
        min_matched_peaks: int = 6,
        max_mz_difference: float = 500.0,
        fragment_tolerance_da: float = 0.01,
        modification_tolerance_da: float = 0.005,
        max_family_size: int = 100,
        search: str | None = None,
        only_confident: bool = True,
        out: PathLike | None = None,
    ) -> Network:
        """Make the molecular network of a study or library: which spectra are alike, in which families.

        Parameters
        ----------
        collection : str
            Name of the study or library.
        method : str
            ``embedding`` compares vectors; ``modified_cosine``, ``modified_cosine_hungarian``, ``cosine_greedy`` and
            ``cosine_hungarian`` compare peaks.
        model : str, optional
            Whose vectors; the lab's default model when None.
        min_score : float
            Least similarity of an edge.
        top_k : int
            Most neighbours of a spectrum; each of the two must be among those of the other.
        min_matched_peaks : int
            Fewest peaks that the spectra of an edge share, shifted by the difference of the precursors or not.
        max_mz_difference : float
            Largest difference of the precursors, m/z.
        fragment_tolerance_da : float
            Tolerance in Da for peaks to match.
        modification_tolerance_da : float
            How far a difference of mass may be from that of the modification that names it (view ``common_modifications``).
        max_family_size : int
            Most spectra of a family: where more are connected, the weakest edges among them are left out.
        search : str, optional
            The search whose answers name spectra and are carried to their neighbours; the newest of the collection when None.
        only_confident : bool
            Whether answers count only where they are confident by the lab's rule, see :meth:`confident`.
        out : str or pathlib.Path, optional
            File to write: ``.graphml``, which Cytoscape opens, or ``.csv`` (edges; the nodes in a second file beside it).

        Returns
        -------
        Network
            Nodes, edges and families.

        Raises
        ------
        NoCollection, NoEmbedding, NoModel, NoSearch
            If the lab has no such thing.
        BadParameter
            If a value means nothing, or the file cannot be written.
        """
        from spectradb.networks.graph_files import check_suffix  # noqa: PLC0415 - only this verb needs it
        from spectradb.networks.network import NetworkSettings, make_network  # noqa: PLC0415

        path = None if out is None else Path(out)
        if path is not None:
            check_suffix(path)
        if method != EMBEDDING and model is not None:
            raise BadParameter(f"{method} compares peaks, not the vectors of {model}: leave out the model or the method")
        settings = NetworkSettings(
            method=method,
            model=(model or self.files.default_model) if method == EMBEDDING else None,
            min_score=min_score,
            top_k=top_k,
            min_matched_peaks=min_matched_peaks,
            max_mz_difference=max_mz_difference,
            fragment_tolerance_da=fragment_tolerance_da,
            modification_tolerance_da=modification_tolerance_da,
            max_family_size=max_family_size,
        )
        return make_network(self.files, collection, settings, search=search, only_confident=only_confident, out=path)
