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
    "deprecated_record": Reason(
        "The source has withdrawn the record: it is marked DEPRECATED.", "Nothing to do; look for the record that replaced it."
    ),
    "no_precursor_mz": Reason(
        "The precursor m/z is missing and cannot be computed from a structure and an adduct.",
        "Add the precursor m/z, or the structure and the adduct, to the record.",
    ),
    "wide_isolation_window": Reason(
        "The isolation window is wider than the import takes: the spectrum is of all ions in it (DIA, MSE).",
        "Extract pseudo spectra with other software, or state a greater max_isolation_width.",
    ),
    "several_precursors": Reason(
        "The spectrum was made from several ions, isolated apart from each other.",
        "Nothing to do: it has no precursor m/z of its own.",
    ),
    "precursor_level_unknown": Reason(
        "Of the isolations that the spectrum lists the file does not tell which is its own and which are of earlier levels.",
        "Convert the file again with references to the parent scans.",
    ),
    "no_ion_mode": Reason(
        "The ion mode is not stated and follows neither from the adduct nor from the charge.",
        "Add it to the record, or state a default ion mode for the import.",
    ),
    "no_structure": Reason(
        "The library spectrum has no readable structure, no usable InChIKey and no name.",
        "Add a SMILES, an InChI, an InChIKey or a name; import unidentified spectra as a study.",
    ),
    "already_imported": Reason(
        "The collection holds this spectrum already, unchanged.", "Nothing to do: importing twice changes nothing."
    ),
    "record_changed": Reason(
        "The collection holds another version of this record: the same identifier, but other peaks, precursor, structure, name "
        "or other values.",
        "Import with --replace (replace=True) to put this version in its place; if it is another spectrum, give it another "
        "identifier or import under another collection name.",
    ),
    "duplicate_spectrum": Reason(
        "The same peaks of the same precursor and analyte are in the collection under another identifier.",
        "Nothing to do: the first copy is kept.",
    ),
    "repeated_record": Reason(
        "The same record stands in these files twice, with the same identifier, peaks and values.",
        "Nothing to do: the first one is kept.",
    ),
    "unreadable_record": Reason(
        "The record cannot be read.", "Correct the record at the place named, and import the file again."
    ),
    "unreadable_file": Reason("The file cannot be read to its end.", "Convert or copy the file again, and import it again."),
    # dropped or changed
    "precursor_unreadable": Reason(
        "The precursor m/z as stated is no number, or may be two different ones (1,250); it is computed from structure and "
        "adduct if possible, else the spectrum is dropped.",
        "Write it with a decimal point.",
    ),
    # changed
    "charge_unreadable": Reason(
        "The charge as stated is no charge; it is taken from the adduct, else unknown.", "Write it as 2+ or 2-."
    ),
    "several_charges": Reason(
        "Several charges are stated (2+ and 3+); the charge is the adduct's, else unknown.", "State the one that was isolated."
    ),
    "charge_contradicts_ion_mode": Reason(
        "The sign of the charge as stated is the other one than the ion mode's; the ion mode is kept and gives the sign.",
        "Check which of the two is right in the source.",
    ),
    "ion_mode_unreadable": Reason(
        "The ion mode as stated names neither or both; the adduct, the charge or the import's default decides.",
        "Write it as positive or negative.",
    ),
    "collision_energy_unreadable": Reason(
        "The collision energy as stated may be one number or two (20,35); the text is kept, and no number.",
        "Write several energies as 20; 35, and one as 20.35.",
    ),
    "ms_level_unreadable": Reason(
        "The MS level as stated is no level (0, or a word); the spectrum is taken for MS2.", "Correct the level in the source."
    ),
    "retention_time_unreadable": Reason(
        "The retention time as stated is no time, or may be two different ones; it is left out.",
        "Write it with its unit, such as 4.52 min.",
    ),
    "retention_time_unit_unknown": Reason(
        "The retention time states no unit, and the format has no usual one; it is left out.",
        "State the unit with --rt-unit (rt_unit in Python) and import again under another name.",
    ),
    "retention_time_unit_assumed": Reason(
        "The retention time states no unit; the format's usual one was assumed: minutes in MSP, MassBank and MoNA, seconds in "
        "GNPS JSON and under matchms's name retention_time.",
        "State the unit with --rt-unit (rt_unit in Python) if it is the other one.",
    ),
    "ion_mobility_type_unknown": Reason(
        "The ion mobility does not tell what it is (a drift time, 1/K0 or a voltage), and so not its unit; the number is kept.",
        "State its kind as ion_mobility_type (ION_MOBILITY_TYPE in MGF and MSP), such as 1/K0 or drift time.",
    ),
    "peak_count_disagrees": Reason(
        "The record states another number of peaks than it holds; those that it holds are kept.",
        "Check that the file is complete.",
    ),
    "inchikey_corrected": Reason(
        "The InChIKey as stated names another 2D structure than the SMILES or InChI; the structure's own key is used.",
        "Check which of the two is right in the source.",
    ),
    "bad_structure": Reason(
        "The structure cannot be read; the spectrum is kept with its InChIKey or, in a library, its name.",
        "Correct the SMILES or InChI of the record.",
    ),
    "labelled_by_name": Reason(
        "Name and precursor tell of isotope labels that the structure does not draw: it is an analyte of its own.",
        "Draw the isotopes in the SMILES or InChI of the record.",
    ),
    "named_only": Reason(
        "The library spectrum has a name but no structure: its name stands for the analyte, whatever other records call it.",
        "Add a SMILES, an InChI or an InChIKey, so that synonyms and isomers are told apart.",
    ),
    "several_selected_ions": Reason(
        "The isolation window holds several selected ions; the most intense is taken for the precursor, else the most central.",
        "Check its identification: fragments may be of another ion of the window.",
    ),
    "precursor_outside_window": Reason(
        "The selected ion lies outside its own isolation window, from which fragments came; the centre of the window is taken.",
        "Check the precursor; convert the file without replacing it by the monoisotopic one.",
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
    "record_replaced": Reason(
        "The collection held another version of this record, which was replaced.",
        "Run `spectradb embed` for its vectors, and search again: hits of earlier searches name the spectrum, not its version.",
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

    def clear(self) -> None:
        """Forget all counts and examples."""
        self.counts.clear()
        self.examples.clear()
