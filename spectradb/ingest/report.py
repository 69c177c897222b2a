"""What an import did, in numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from spectradb.ingest.fields.drop_reasons import REASONS

if TYPE_CHECKING:
    from spectradb.ingest.fields.drop_reasons import Tally


@dataclass
class Outcome:
    """How many spectra of one file went one way for one reason.

    Parameters
    ----------
    file_name : str
        The file.
    sha256 : str
        Its content.
    outcome : str
        read, kept, dropped, changed or failed.
    reason : str
        Why, as a short name.
    n : int
        Number of spectra; of files, when failed.
    example : str or None
        Place of the first one in the file.
    explanation : str or None
        The reason in a sentence, with the remedy.
    """

    file_name: str
    sha256: str
    outcome: str
    reason: str
    n: int
    example: str | None = None
    explanation: str | None = None


@dataclass
class ImportReport:
    """What an import did.

    Parameters
    ----------
    collection : str
        The library or study.
    kind : str
        library or study.
    import_id : str
        Identity of the import.
    n_files : int
        Files given.
    unchanged : bool
        True when the same import had been done before, so that nothing was done.
    outcomes : list of Outcome
        Counts by file, outcome and reason.
    notes : list of str
        Other things that the user should know.
    """

    collection: str
    kind: str
    import_id: str
    n_files: int
    unchanged: bool = False
    outcomes: list[Outcome] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def total(self, outcome: str) -> int:
        """Sum an outcome over files and reasons.

        Parameters
        ----------
        outcome : str
            read, kept, dropped, changed or failed.

        Returns
        -------
        int
            The number of spectra (of files, when failed).
        """
        return sum(o.n for o in self.outcomes if o.outcome == outcome)

    @property
    def n_read(self) -> int:
        """Spectra read, MS1 included."""
        return self.total("read")

    @property
    def n_kept(self) -> int:
        """Spectra stored by this import."""
        return self.total("kept")

    @property
    def n_dropped(self) -> int:
        """Spectra read and not stored."""
        return self.total("dropped")

    @property
    def failures(self) -> list[Outcome]:
        """Files that could not be read, with the reason."""
        return [o for o in self.outcomes if o.outcome == "failed"]

    def by_reason(self, outcome: str) -> list[tuple[str, int, Outcome]]:
        """Sum an outcome over files.

        Parameters
        ----------
        outcome : str
            dropped, changed, kept or read.

        Returns
        -------
        list of (str, int, Outcome)
            Reason, number of spectra, and the first such outcome; most frequent first.
        """
        totals: dict[str, tuple[int, Outcome]] = {}
        for o in self.outcomes:
            if o.outcome == outcome:
                n, first = totals.get(o.reason, (0, o))
                totals[o.reason] = (n + o.n, first)
        return sorted(((reason, n, first) for reason, (n, first) in totals.items()), key=lambda row: (-row[1], row[0]))

    def lines(self) -> list[str]:
        """Describe the import to a person.

        Returns
        -------
        list of str
            Lines of text.
        """
        if self.unchanged:
            return [f"{self.kind} {self.collection}: these files were imported before; nothing changed"]
        files = f"{self.n_files:,} file{'' if self.n_files == 1 else 's'}"
        read = f"{self.kind} {self.collection}: {self.n_read:,} spectra read from {files}"
        lines = [f"{read}, {self.n_kept:,} kept, {self.n_dropped:,} dropped"]
        for outcome in ("dropped", "changed"):
            for reason, n, first in self.by_reason(outcome):
                where = f" (first: {first.file_name}, {first.example})" if first.example else ""
                lines.append(f"  {outcome} {n:>9,}  {reason}: {first.explanation}{where}")
        lines += [f"  failed file: {o.explanation}" for o in self.failures]
        lines += [f"  note: {note}" for note in self.notes]
        return lines

    def as_dict(self) -> dict[str, Any]:
        """Describe the import to a program.

        Returns
        -------
        dict
            Values that JSON can hold.
        """
        return {
            "collection": self.collection,
            "kind": self.kind,
            "import_id": self.import_id,
            "unchanged": self.unchanged,
            "files": self.n_files,
            "read": self.n_read,
            "kept": self.n_kept,
            "dropped": {reason: n for reason, n, _ in self.by_reason("dropped")},
            "changed": {reason: n for reason, n, _ in self.by_reason("changed")},
            "failed_files": [{"file": o.file_name, "reason": o.explanation} for o in self.failures],
            "notes": self.notes,
        }


def outcomes_of(file_name: str, sha256: str, tally: Tally) -> list[Outcome]:
    """Put a file's tally into outcomes.

    Parameters
    ----------
    file_name : str
        The file.
    sha256 : str
        Its content.
    tally : Tally
        What became of its spectra.

    Returns
    -------
    list of Outcome
        One for each outcome and reason.
    """
    return [
        Outcome(
            file_name,
            sha256,
            outcome,
            reason or outcome,
            n,
            tally.examples.get((outcome, reason)),
            " ".join(REASONS[reason]) if reason else None,
        )
        for (outcome, reason), n in sorted(tally.counts.items())
    ]
