"""What filling an embedding column did."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class EmbedReport:
    """What filling an embedding column did.

    Parameters
    ----------
    model : str
        The model.
    dimension : int
        Length of its vectors.
    n_embedded : int
        Spectra embedded now.
    n_present : int
        Spectra that had their vector already.
    notes : tuple of str
        What whoever uses the vectors should know.
    n_structures : int
        Structures that were placed among the vectors now; 0 by models that place none.
    """

    model: str
    dimension: int
    n_embedded: int
    n_present: int
    notes: tuple[str, ...] = ()
    n_structures: int = 0

    def lines(self) -> list[str]:
        """Describe it to a person.

        Returns
        -------
        list of str
            Lines of text.
        """
        done = f"{self.model}: {self.n_embedded:,} spectra embedded in {self.dimension} dimensions"
        placed = [f"  {self.n_structures:,} structures placed among them"] if self.n_structures else []
        return [f"{done}, {self.n_present:,} already present", *placed, *(f"  note: {note}" for note in self.notes)]

    def as_dict(self) -> dict[str, object]:
        """Describe it to a program.

        Returns
        -------
        dict
            Values that JSON can hold.
        """
        counts = {"embedded": self.n_embedded, "present": self.n_present, "structures": self.n_structures}
        return {"model": self.model, "dimension": self.dimension, **counts, "notes": list(self.notes)}
