"""What a lab does with features that other programs found: import_features."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from spectradb.facade.verb import Part

if TYPE_CHECKING:
    from spectradb.features.import_features import FeaturesReport
    from spectradb.workspace.lab_files import PathLike


class Features(Part):
    """The verb that brings areas of features in; it publishes."""

    def import_features(self, study: str, file: PathLike, *, file_format: str | None = None) -> FeaturesReport:
        """Store the areas of a feature table beside the spectra of its features, in ``feature_areas``.

        Parameters
        ----------
        study : str
            Name of the study; its spectra say by ``feature_id`` of which feature they are.
        file : str or pathlib.Path
            The quantification table of MZmine, or the alignment table of MS-DIAL. It replaces the one that the study had.
        file_format : {"mzmine", "msdial"}, optional
            Whose table it is; told by its header when None.

        Returns
        -------
        FeaturesReport
            What was stored, and what of it fits no run or spectrum of the study.

        Raises
        ------
        BadFeatureTable
            If the table cannot be read, or says a thing twice.
        NoCollection
            If the lab has no such study.
        BadParameter
            If there is no such format.
        """
        from spectradb.features.import_features import import_features  # noqa: PLC0415 - only this verb needs it

        return import_features(self.files, study, Path(file), file_format=file_format)
