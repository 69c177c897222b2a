"""Why an import dropped or changed a spectrum: one sentence and one remedy per reason, and the tally that counts them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from spectradb.errors import BadParameter

Outcome = Literal["read", "kept", "dropped", "changed"]

_REASONLESS = ("read", "kept")


class Reason(NamedTuple):
    """What happened, and what the user can do about it.

    Parameters
    ----------
    sentence : str
        What was found, in one sentence.
    remedy : str
        What to do, in one sentence.
    """

    sentence: str
    remedy: str


REASONS: dict[str, Reason] = {
    # dropped
    "ms1": Reason("The spectrum is an MS1 scan.", "Nothing to do: only MS2 and higher are stored."),
    "profile_peaks": Reason(
        "The spectrum holds a profile instead of centroids.", "Centroid the file when converting it and import it again."
    ),
    "mismatched_peaks": Reason(
        "The spectrum has another number of m/z values than of intensities.", "Export the file again; the record is damaged."
    ),
    "no_peaks": Reason(
        "No peak with a positive finite m/z and intensity is left.",
        "Look at the record; lower the recipe's limits if it has peaks.",
    ),
    "no_precursor_mz": Reason(
        "The precursor m/z is missing and cannot be computed from a structure and an adduct.",
        "Add the precursor m/z, or the structure and the adduct, to the record.",
    ),
    "no_ion_mode": Reason(
        "The ion mode is not stated and follows neither from the adduct nor from the charge.",
        "Add it to the record, or state a default ion mode for the import.",
    ),
    "no_structure": Reason(
        "The library spectrum has no readable structure and no usable InChIKey.",
        "Add a SMILES, an InChI or an InChIKey; import unidentified spectra as a study.",
    ),
    "already_imported": Reason(
        "The collection holds this spectrum already, unchanged.", "Nothing to do: importing twice changes nothing."
    ),
    "id_conflict": Reason(
        "The collection holds another spectrum of the same identifier.",
        "Import under another collection name, or give the records unique identifiers.",
    ),
    "duplicate_spectrum": Reason(
        "The same peaks of the same precursor and analyte are in the collection under another identifier.",
        "Nothing to do: the first copy is kept.",
    ),
    "repeated_record": Reason("The same record stands in these files twice.", "Nothing to do: the first one is kept."),
    "unreadable_record": Reason(
        "The record cannot be read.", "Correct the record at the place named, and import the file again."
    ),
    "unreadable_file": Reason("The file cannot be read to its end.", "Convert or copy the file again, and import it again."),
    # changed
    "inchikey_corrected": Reason(
        "The InChIKey as stated names another 2D structure than the SMILES or InChI; the structure's own key is used.",
        "Check which of the two is right in the source.",
    ),
    "bad_structure": Reason(
        "The structure cannot be read; the spectrum is kept with its InChIKey if that is usable, else without an analyte.",
        "Correct the SMILES or InChI of the record.",
    ),
    "precursor_computed": Reason(
        "The precursor m/z was missing and was computed from the structure and the adduct.",
        "Nothing to do; add the measured value if you have it.",
    ),
    "precursor_disagrees": Reason(
        "The precursor m/z as stated is not that of the structure and the adduct; a spectrum of a library is searched at the "
        "computed one, one of a study at the stated one.",
        "Check precursor, structure and adduct; state a precursor tolerance if the stated ones are to count.",
    ),
    "precursor_fits_other_adduct": Reason(
        "The precursor m/z as stated is that of the structure with another common adduct than the one stated; it is kept.",
        "Check the adduct of the record.",
    ),
    "precursor_fits_labels": Reason(
        "The precursor m/z as stated is that of the structure with isotope labels that are not drawn; it is kept.",
        "Draw the labels, such as [2H], in the structure of the record.",
    ),
    "ion_unclear": Reason(
        "Structure and adduct do not tell the m/z of the ion (a permanent charge that the adduct does not count, several "
        "organic parts, a metal complex, or more lost than there is); the precursor m/z is kept unchecked.",
        "Check the adduct of the record.",
    ),
    "adduct_unreadable": Reason(
        "The adduct cannot be read, or names several ions; the spectrum is kept without it.",
        "Write it as [nM+X-Y]z, such as [M+H]+.",
    ),
    "adduct_contradicts_ion_mode": Reason(
        "The adduct belongs to the other ion mode than the one stated; the ion mode is kept and the adduct left out.",
        "Check which of the two is right in the source.",
    ),
    "id_repeated": Reason(
        "Another spectrum of this import has the same identifier; a suffix such as #2 tells them apart.",
        "Nothing to do; give the records unique identifiers to choose their names.",
    ),
    "peaks_removed": Reason(
        "The recipe removed or merged peaks.", "Nothing to do; raise max_peaks or lower min_relative_intensity to keep more."
    ),
}


@dataclass
class Tally:
    """Counts what became of the spectra of an import.

    Parameters
    ----------
    counts : collections.Counter
        ``(outcome, reason)`` to a number; the reason is ``""`` for ``read`` and ``kept``. A spectrum is dropped for one reason,
        the first that is found, and may be changed for several, so ``read`` = ``kept`` + all ``dropped``.
    examples : dict
        ``(outcome, reason)`` to the place of the first such spectrum, where one was named.
    """

    counts: Counter[tuple[Outcome, str]] = field(default_factory=Counter)
    examples: dict[tuple[Outcome, str], str] = field(default_factory=dict)

    def add(self, outcome: Outcome, reason: str = "", *, count: int = 1, place: str | None = None) -> None:
        """Count spectra.

        Parameters
        ----------
        outcome : {"read", "kept", "dropped", "changed"}
            What became of them.
        reason : str
            A key of :data:`REASONS`; empty for ``read`` and ``kept``.
        count : int
            How many.
        place : str, optional
            Where one of them is.

        Raises
        ------
        BadParameter
            If the reason is unknown.
        """
        if (reason == "") != (outcome in _REASONLESS) or (reason and reason not in REASONS):
            raise BadParameter(
                f"{outcome} spectra with reason {reason!r}: use one of {', '.join(REASONS)}, none for read and kept"
            )
        if count:
            self.counts[outcome, reason] += count
            if place is not None:
                self.examples.setdefault((outcome, reason), place)

    def update(self, other: Tally) -> None:
        """Add the counts of another tally; its examples where this one has none.

        Parameters
        ----------
        other : Tally
            Tally of another file or batch.
        """
        self.counts.update(other.counts)
        self.examples = {**other.examples, **self.examples}
