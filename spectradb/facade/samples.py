"""What a lab does with samples: aggregate, classify, project, compare_methods, markers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spectradb.facade.verb import Part
from spectradb.samples.aggregate import AggregateReport, aggregate
from spectradb.samples.experiment import DEFAULT_SEEDS, Experiment
from spectradb.samples.project import PROJECTIONS, ProjectReport, project
from spectradb.samples.vector_kind import VectorKind
from spectradb.workspace.connection import open_published

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from spectradb.samples.classify import ClassifyReport
    from spectradb.samples.markers import MarkersReport
    from spectradb.samples.separation import SeparationReport


class Samples(Part):
    """The verbs about samples; each records what it made and publishes."""

    def aggregate(
        self,
        study: str,
        *,
        method: str = "mean",
        model: str | None = None,
        level: str = "run",
        subtract_blanks: bool = False,
        n_codewords: int | None = None,
        seed: int = 0,
    ) -> AggregateReport:
        """Aggregate the spectra of each run or sample of a study to one vector, recorded in ``sample_embeddings``.

        Parameters
        ----------
        study : str
            Name of the study.
        method : str
            ``mean``, ``intensity_weighted``, ``max``, ``mean_spread``, ``codebook``, ``precursor_profile``, ``peak_profile`` or
            ``memo``: see the macro of that name, and for the first four ``sample_embedding``, then ``codebook_histogram``.
        model : str, optional
            Whose vectors; the lab's default model when None.
        level : {"run", "sample"}
            What one vector stands for.
        subtract_blanks : bool
            Leave out spectra that blank samples show as well (macro ``blank_spectra``).
        n_codewords : int, optional
            Size of the codebook, for the method ``codebook``; by the number of spectra when None
            (:func:`spectradb.samples.aggregate.default_codewords`).
        seed : int
            Seed of the codebook.

        Returns
        -------
        AggregateReport
            What was done.
        """
        kind = self._kind(study, method, model, level, subtract_blanks=subtract_blanks)
        with open_published(self.files.published) as con:
            report = aggregate(self.files.record, con, kind, n_codewords=n_codewords, seed=seed)
        self.files.publish()
        return report

    def classify(
        self,
        study: str,
        target: str,
        *,
        methods: Sequence[str] = ("mean",),
        model: str | None = None,
        level: str = "run",
        subtract_blanks: bool = False,
        estimator: str | None = None,
        splits: str = "stratified",
        seeds: int = DEFAULT_SEEDS,
        n_features: int | None = None,
        regress: bool = False,
        groups: str | None = None,
        only: Mapping[str, str] | None = None,
        baselines: bool = False,
        name: str | None = None,
    ) -> ClassifyReport:
        """Predict a column of the sample table for runs or samples not learnt from, recorded in ``sample_predictions``.

        Parameters
        ----------
        study : str
            Name of the study.
        target : str
            A column of the sample table, or a condition on one, such as ``tomato>0``.
        methods : sequence of str
            Aggregations to compare on the same splits; those not aggregated yet are aggregated with their defaults.
        model, level, subtract_blanks
            As for :meth:`aggregate`.
        estimator : str, optional
            ``logistic``, ``forest``, ``svm`` or ``nearest``; with ``regress``, ``ridge`` or ``forest``. The first when None.
        splits : str
            ``stratified`` (70/30), ``cv``, ``leave-group-out`` or ``leave-one-out``.
        seeds : int
            Repeats of splits that a seed decides.
        n_features : int, optional
            Keep so many features, chosen inside each fold; all when None.
        regress : bool
            Predict a number instead of a class.
        groups : str, optional
            Column whose groups never straddle a split.
        only : mapping of str to str, optional
            Columns and the value that those who take part have there. Without any, blanks, QC and pools are left out.
        baselines : bool
            Add the precursor profile, and the commonest class (or the mean) without any spectra.
        name : str, optional
            Name of the job; a job of the same name is replaced.

        Returns
        -------
        ClassifyReport
            What was done, with the metrics of each method.
        """
        from spectradb.samples.classify import classify, with_metrics  # noqa: PLC0415 - scikit-learn takes a second to import

        kinds = [self._kind(study, method, model, level, subtract_blanks=subtract_blanks) for method in methods]
        with open_published(self.files.published) as con:
            report = classify(
                self.files.record,
                con,
                target=target,
                experiment=Experiment(estimator or ("ridge" if regress else "logistic"), splits, seeds, regress, n_features),
                kinds=kinds,
                group_column=groups,
                only=only,
                baselines=baselines,
                name=name,
            )
        self.files.publish()
        with open_published(self.files.published) as con:
            return with_metrics(report, con)

    def project(
        self,
        study: str,
        *,
        method: str = "mean",
        model: str | None = None,
        level: str = "run",
        subtract_blanks: bool = False,
        projections: tuple[str, ...] = PROJECTIONS,
        seed: int = 0,
    ) -> ProjectReport:
        """Draw runs or samples in the plane by PCA and UMAP, recorded in ``sample_projection``.

        Parameters
        ----------
        study, method, model, level, subtract_blanks
            As for :meth:`aggregate`.
        projections : tuple of str
            ``pca``, ``umap`` or both.
        seed : int
            Seed of UMAP.

        Returns
        -------
        ProjectReport
            What was done.
        """
        kind = self._kind(study, method, model, level, subtract_blanks=subtract_blanks)
        with open_published(self.files.published) as con:
            report = project(self.files.record, con, kind, projections=projections, seed=seed)
        self.files.publish()
        return report

    def compare_methods(
        self,
        study: str,
        target: str,
        *,
        by: Sequence[str] = ("chromatography", "ion_mode"),
        method: str = "mean",
        model: str | None = None,
        seeds: int = DEFAULT_SEEDS,
        groups: str | None = None,
    ) -> SeparationReport:
        """Compare acquisition modes: which chromatography and ion mode, or other column, separates the classes best.

        Parameters
        ----------
        study, target : str
            Study, and the column whose classes should be apart.
        by : sequence of str
            Columns that tell the acquisition modes apart.
        method, model
            As for :meth:`aggregate`; always over runs.
        seeds : int
            Repeats of the cross-validation of a logistic regression inside each acquisition mode.
        groups : str, optional
            Column whose groups never straddle a split.

        Returns
        -------
        SeparationReport
            One row per acquisition mode, best first.
        """
        from spectradb.samples.separation import classify_parts, separation  # noqa: PLC0415 - as in classify

        kind = self._kind(study, method, model, "run", subtract_blanks=False)
        with open_published(self.files.published) as con:
            jobs = classify_parts(
                self.files.record,
                con,
                kind,
                target=target,
                by=by,
                experiment=Experiment(splits="cv", seeds=seeds),
                group_column=groups,
            )
        self.files.publish()
        with open_published(self.files.published) as con:
            return separation(con, kind, target=target, by=by, jobs=jobs)

    def markers(
        self,
        study: str,
        target: str,
        *,
        model: str | None = None,
        level: str = "run",
        subtract_blanks: bool = False,
        only: Mapping[str, str] | None = None,
    ) -> MarkersReport:
        """Find the clusters of spectra that tell each group from the others, recorded in ``group_markers``.

        Parameters
        ----------
        study, target : str
            Study, and the column (or a condition on one) that makes the groups.
        model, level, subtract_blanks
            As for :meth:`aggregate`; the codebook is made where there is none.
        only : mapping of str to str, optional
            As for :meth:`classify`.

        Returns
        -------
        MarkersReport
            What was done, with the best markers of each group.
        """
        from spectradb.samples.markers import find_markers, with_best  # noqa: PLC0415 - as in classify

        kind = self._kind(study, "codebook", model, level, subtract_blanks=subtract_blanks)
        with open_published(self.files.published) as con:
            known = kind.read(con)
        if not known:
            self.aggregate(study, method="codebook", model=model, level=level, subtract_blanks=subtract_blanks)
        with open_published(self.files.published) as con:
            report = find_markers(self.files.record, con, kind, target=target, only=only)
        self.files.publish()
        with open_published(self.files.published) as con:
            return with_best(report, con)

    def _kind(self, study: str, method: str, model: str | None, level: str, *, subtract_blanks: bool) -> VectorKind:
        return VectorKind(study, method, model or self.files.default_model, level, subtract_blanks)
