"""Readers of the package ``mzspeclib``, derived so that damage costs one spectrum only.

Import late: loading the package takes most of a second.

Peaks are read here and not by the package, because it parses the annotation of every peak on the way, which takes most of the
time, and a single odd annotation would cost the spectrum.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from mzspeclib.backends.json import JSONSpectralLibrary
from mzspeclib.backends.text import TextSpectralLibrary
from mzspeclib.spectrum import Spectrum

from spectradb.ingest.fields import decimals
from spectradb.ingest.readers.peaklines import parse_pairs, read_numbers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

START_OF_PEAKS = "<Peaks>"

# What a single damaged spectrum raises.
DAMAGED = (AttributeError, LookupError, TypeError, ValueError)


class Entry(NamedTuple):
    """One library spectrum.

    Parameters
    ----------
    spectrum : mzspeclib.spectrum.Spectrum
        Attributes and analytes, without peaks.
    mz : list of float
        m/z of the peaks.
    intensity : list of float
        Their intensities.
    """

    spectrum: Any
    mz: list[float]
    intensity: list[float]


class _WithoutVocabulary:
    """Does without the PSI-MS vocabulary, which would be fetched over the network and only tells numbers from text."""

    def find_term_for(self, curie: str) -> Any:  # noqa: ANN401  # as mzspeclib has it
        raise KeyError(curie)

    def _analyte_interpretation_link(self, _spectrum: object, interpretation: object) -> object:
        return interpretation  # which is not used; linking it needs the vocabulary


class TextReader(_WithoutVocabulary, TextSpectralLibrary):  # type: ignore[misc]  # mzspeclib has no type information
    """Reader of the text form, whose ``read`` yields an :class:`Entry`, what a spectrum raised, or None for a cluster."""

    def _parse(
        self, buffer: Iterable[str], spectrum_index: int | None = None, start_line_number: int | None = None
    ) -> Entry | Exception | None:
        lines = list(buffer)
        end = next((i for i, line in enumerate(lines) if line.startswith(START_OF_PEAKS)), len(lines))
        try:
            # Up to the marker of the peaks itself: at that the package finishes the last analyte.
            spectrum = super()._parse(lines[: end + 1], spectrum_index, start_line_number)
            if not isinstance(spectrum, Spectrum):
                return None
            beside = decimals.marks(line.rpartition("=")[2].strip() for line in lines[:end] if " m/z=" in line)
            return Entry(spectrum, *parse_pairs([line for line in lines[end + 1 :] if line.strip() and line[0] != "#"], beside))
        except DAMAGED as error:
            return error


class JSONReader(_WithoutVocabulary, JSONSpectralLibrary):  # type: ignore[misc]  # mzspeclib has no type information
    """Reader of the JSON form, whose ``read`` yields an :class:`Entry` or what a spectrum raised."""

    def create_index(self) -> None:
        """Leave out the index, which fails for the whole file if one spectrum has no name."""

    def read(self) -> Iterator[Entry | Exception]:
        """Yield one spectrum after another.

        Yields
        ------
        Entry or Exception
            The spectrum, or what it raised.
        """
        for index, data in enumerate(self.buffer["spectra"]):
            yield self._entry(data, index)

    def _entry(self, data: dict[str, Any], index: int) -> Entry | Exception:
        try:
            without_peaks = data | {"mzs": [], "intensities": [], "peak_annotations": []}
            spectrum = self._make_spectrum_from_payload(without_peaks, index)
            mzs, intensities = data["mzs"], data["intensities"]
            if any(isinstance(value, str) for value in (*mzs, *intensities)):
                stated = (str(attribute.get("value")) for attribute in data.get("attributes", ()))
                beside = decimals.marks(text for text in stated if "," in text)
                return Entry(spectrum, *read_numbers([str(mz) for mz in mzs], [str(height) for height in intensities], beside))
            return Entry(spectrum, [float(mz) for mz in mzs], [float(height) for height in intensities])
        except DAMAGED as error:
            return error
