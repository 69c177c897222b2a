"""What a lab does with repeated spectra: cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spectradb.errors import BadParameter
from spectradb.facade.verb import Part
from spectradb.search.methods.embedding import EMBEDDING

if TYPE_CHECKING:
    from spectradb.clusters.report import ClusterReport


class RepeatedSpectra(Part):
    """The verb that clusters; it records the clusters and publishes."""

    def cluster(
        self,
        study: str,
        *,
        into: str | None = None,
        method: str = EMBEDDING,
        model: str | None = None,
        min_score: float = 0.8,
        ppm: float = 10.0,
        rt_window_s: float | None = 30.0,
        fragment_tolerance_da: float = 0.01,
        min_share: float = 0.5,
        spectrum: str = "consensus",
    ) -> ClusterReport:
        """Cluster the repeated spectra of a study: every two of a cluster are near in precursor and time, and alike.

        The clusters are in the view ``clusters`` and the table ``cluster_members``, and one spectrum for each is in a study of
        its own, which every verb can work on; ``identify`` with ``clusters`` searches these in the place of the members.

        Parameters
        ----------
        study : str
            Name of the study or library.
        into : str, optional
            Name of the study for what stands for the clusters; ``<study>_clusters`` when None. An earlier clustering of that
            name is replaced.
        method : str
            ``embedding`` compares vectors; ``cosine_greedy`` and ``cosine_hungarian`` compare peaks.
        model : str, optional
            Whose vectors; the lab's default model when None.
        min_score : float
            Least score of every two members.
        ppm : float
            Largest difference of the precursors of every two members, in ppm.
        rt_window_s : float or None
            Largest difference of the retention times of every two members that have one, in seconds; None: any.
        fragment_tolerance_da : float
            How far peaks may be from the one that they are merged with, in Da.
        min_share : float
            Share of the members that must have a peak for the consensus to have it.
        spectrum : {"consensus", "best"}
            What stands for a cluster: its members' peaks merged, or those of the member of the highest total ion current.

        Returns
        -------
        ClusterReport
            What was done.

        Raises
        ------
        NoCollection, NoEmbedding, NoModel
            If the lab has no such thing.
        NoSpectra
            If the study has no spectra.
        CollectionExists
            If the name for the clusters is that of other spectra.
        BadParameter
            If a value means nothing.
        """
        from spectradb.clusters.cluster import cluster  # noqa: PLC0415 - only this verb needs it
        from spectradb.clusters.settings import ClusterSettings  # noqa: PLC0415

        if method != EMBEDDING and model is not None:
            raise BadParameter(f"{method} compares peaks, not the vectors of {model}: leave out the model or the method")
        settings = ClusterSettings(
            method=method,
            model=(model or self.files.default_model) if method == EMBEDDING else None,
            min_score=min_score,
            ppm=ppm,
            rt_window_s=rt_window_s,
            fragment_tolerance_da=fragment_tolerance_da,
            min_share=min_share,
            spectrum=spectrum,
        )
        return cluster(self.files, study, settings, into=into or f"{study}_clusters")
