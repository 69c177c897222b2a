"""What a clustering did, for people and programs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spectradb.clusters.settings import ClusterSettings


@dataclass(frozen=True)
class ClusterReport:
    """What a clustering did.

    Parameters
    ----------
    study : str
        Whose spectra were clustered.
    clustering : str
        The collection of the spectra that stand for the clusters.
    settings : ClusterSettings
        How.
    n_spectra : int
        Spectra of the study.
    n_clusters : int
        Clusters, those of one spectrum included.
    n_repeated : int
        Clusters of two spectra and more.
    n_in_repeated : int
        Spectra in these.
    largest : int
        Spectra of the largest one.
    n_without_vector : int
        Spectra without a vector, each of which is a cluster alone.
    seconds : float
        Time that it took.
    unchanged : bool
        The same spectra were clustered in the same way before; nothing was done.
    """

    study: str
    clustering: str
    settings: ClusterSettings
    n_spectra: int
    n_clusters: int
    n_repeated: int
    n_in_repeated: int
    largest: int
    n_without_vector: int
    seconds: float
    unchanged: bool = False

    def lines(self) -> list[str]:
        """Describe it to a person.

        Returns
        -------
        list of str
            Lines of text.
        """
        by = self.settings.model or self.settings.method
        what = f"{self.study}: {self.n_spectra:,} spectra in {self.n_clusters:,} clusters by {by}, in {self.seconds:.1f} s"
        repeated = f"{self.n_repeated:,} of two spectra and more, with {self.n_in_repeated:,} spectra; the largest has"
        lines = [what, f"  {repeated} {self.largest:,}", f"  one spectrum for each is in the study {self.clustering}"]
        if self.unchanged:
            lines.append("  found again: the same spectra were clustered in the same way before")
        if self.n_without_vector:
            alone = f"{self.n_without_vector:,} spectra have no vector and are clusters alone"
            lines.append(f"  note: {alone}: run `spectradb embed`, then cluster again")
        return lines

    def as_dict(self) -> dict[str, Any]:
        """Describe it to a program.

        Returns
        -------
        dict
            Values that JSON can hold.
        """
        return {**self.__dict__, "settings": self.settings.columns()}
