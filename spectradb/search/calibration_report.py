"""What calibrating did, for people and programs."""

from __future__ import annotations

from dataclasses import dataclass

from spectradb.search.checks import CONTRIBUTOR

_TOO_HIGH = "spectra of another laboratory score lower, so these probabilities are too high for them"


@dataclass(frozen=True)
class CalibrationReport:
    """What calibrating did.

    Parameters
    ----------
    calibration_id, search_id : str
        Names of the calibration, and of the search that it was fitted on.
    library, method : str
        What was calibrated.
    model : str or None
        By whose vectors; None for scores of peaks.
    n_queries, n_right : int
        First hits that it was fitted on, and right ones among them.
    answerable : float or None
        The share of answerable queries that probabilities assume; None: each study tells its own.
    answerable_found : float
        The library's own share, as weighted in the fit.
    coefficients : dict of str to float
        Of the terms.
    laboratory_spread : float
        Standard deviation between laboratories of the log odds that a hit is right.
    brier : float
        Mean squared error of the probabilities of laboratories and analytes left out of the fit.
    ambiguous_gap : float or None
        Score gap below which an identification is ambiguous.
    weight : float or None
        Weight of the score of peaks, by the method ``fused``.
    weight_accuracy : dict of float to float
        Accuracy of every weight that was tried.
    training_note : str or None
        What of the queries the model was trained on, which makes its scores better than they are elsewhere.
    left_out : str
        What queries were kept from: spectra of their own contributor, or copies of themselves alone.
    """

    calibration_id: str
    search_id: str
    library: str
    method: str
    model: str | None
    n_queries: int
    n_right: int
    answerable: float | None
    answerable_found: float
    coefficients: dict[str, float]
    laboratory_spread: float
    brier: float
    ambiguous_gap: float | None
    weight: float | None
    weight_accuracy: dict[float, float]
    training_note: str | None = None
    left_out: str = CONTRIBUTOR

    def lines(self) -> list[str]:
        """Describe it to a person.

        Returns
        -------
        list of str
            Lines of text.
        """
        by = f"{self.method} of {self.model}" if self.model else self.method
        fitted = f"fitted on {self.n_queries:,} queries of search {self.search_id}, {self.n_right:,} of them right"
        assumed = "told by each study" if self.answerable is None else f"assumed to be {self.answerable:.1%}"
        share = f"share of queries whose analyte is in reach: {assumed} (in the library: {self.answerable_found:.1%})"
        lines = [
            f"calibration {self.calibration_id}: {by} on {self.library}, {fitted}",
            f"  {share}; Brier score of laboratories and analytes left out {self.brier:.3f}",
        ]
        lines.append(f"  laboratories differ by {self.laboratory_spread:.2f} in log odds: q-values are to hold in 9 of 10")
        if self.ambiguous_gap is not None:
            lines.append(f"  ambiguous: the next candidate scores within {self.ambiguous_gap:.3f}")
        if self.weight is not None:
            tried = ", ".join(f"{weight:g}: {value:.4f}" for weight, value in self.weight_accuracy.items())
            lines.append(f"  weight of peaks {self.weight:g}" + (f" (accuracy by weight: {tried})" if tried else ""))
        if self.training_note is not None:
            lines.append(f"  note: {self.training_note}. Fit on laboratories that it has not seen, with --contributor.")
        if self.left_out != CONTRIBUTOR:
            lines.append(f"  note: fitted on spectra of {self.library} against others of the same laboratories: {_TOO_HIGH}")
        return lines

    def as_dict(self) -> dict[str, object]:
        """Describe it to a program.

        Returns
        -------
        dict
            Values that JSON can hold.
        """
        return dict(self.__dict__)
