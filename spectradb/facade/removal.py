"""What a lab does to undo a mistake: remove studies, libraries, searches, and models with their vectors."""

from __future__ import annotations

import shutil
from contextlib import ExitStack

from spectradb.errors import BadParameter, NoCollection, NoModel, NoSearch
from spectradb.facade.verb import Part
from spectradb.removal.extent import KINDS, Removal, extent, of_structures, unused_structures
from spectradb.removal.pending import note
from spectradb.removal.report import RemovalReport
from spectradb.store.locks import alone, exclusive

_TABLES = {"study": "studies", "library": "libraries"}


class Removals(Part):
    """The verbs that remove; what is left is published at their end."""

    def remove(self, kind: str, name: str, *, dry_run: bool = False) -> RemovalReport:
        """Remove a study, a library, a search or a model, with everything that hangs on it.

        Killed meanwhile, it has removed nothing, or the next process that works on the lab brings it to its end. It waits for
        searches that are running. The space is freed by :meth:`clean`, which keeps what readers may still need.

        Parameters
        ----------
        kind : {"study", "library", "search", "model"}
            What it is.
        name : str
            Its name.
        dry_run : bool
            Only say what would go.

        Returns
        -------
        RemovalReport
            What went.

        Raises
        ------
        NoCollection, NoSearch, NoModel
            If there is no such thing.
        BadParameter
            If there is no such kind.
        """
        if kind not in KINDS:
            raise BadParameter(f"there is no kind {kind!r} to remove; there are: {', '.join(KINDS)}")
        removal = Removal(kind, name)
        if dry_run:
            return self._removed(removal, dry_run=True)
        with ExitStack() as held:
            held.enter_context(alone(self.files.locks / "search.lock"))
            if kind in _TABLES:
                held.enter_context(exclusive(self.files.locks / f"import-{name.lower()}.lock"))
            if kind == "model":
                held.enter_context(exclusive(self.files.locks / "embed.lock"))
            try:
                report = self._removed(removal, dry_run=False)
            except (NoCollection, NoSearch, NoModel):
                # A removal that was killed may be done in the record and not in what is published.
                self.files.publish()
                raise
            note(self.files.record, removal)
            self.files.publish()
        self._remove_indexes(removal)
        return report

    def remove_study(self, name: str, *, dry_run: bool = False) -> RemovalReport:
        """Remove a study: spectra, runs, samples, imports, its searches, and what was made of it.

        Parameters
        ----------
        name, dry_run
            As for :meth:`remove`.

        Returns
        -------
        RemovalReport
            What went.
        """
        return self.remove("study", name, dry_run=dry_run)

    def remove_library(self, name: str, *, dry_run: bool = False) -> RemovalReport:
        """Remove a library: spectra, imports, the searches against it, its calibrations, and structures that nobody else uses.

        Parameters
        ----------
        name, dry_run
            As for :meth:`remove`.

        Returns
        -------
        RemovalReport
            What went.
        """
        return self.remove("library", name, dry_run=dry_run)

    def remove_search(self, name: str, *, dry_run: bool = False) -> RemovalReport:
        """Remove a search with its hits, the calibrations that were fitted on it, and the benchmarks that count it.

        Parameters
        ----------
        name, dry_run
            As for :meth:`remove`.

        Returns
        -------
        RemovalReport
            What went.
        """
        return self.remove("search", name, dry_run=dry_run)

    def _removed(self, removal: Removal, *, dry_run: bool) -> RemovalReport:
        going = extent(self.files.record, removal)
        has_files = removal.kind == "model" and removal.name in self.files.own_models().names()
        counts = going.counts(self.files.record)
        self._check_there(removal, is_there=bool(counts or going.column or has_files))
        if removal.kind in _TABLES:
            unused = dict[str, int]()
            for table, where in of_structures(*unused_structures(self.files.record, removal.name)):
                unused[table] = unused.get(table, 0) + self.files.record.dataset(table).count_rows(where)
            counts |= {table: n for table, n in unused.items() if n}
        return RemovalReport(
            removal.kind,
            removal.name,
            counts,
            going.searches,
            going.calibrations,
            going.benchmarks,
            vectors=going.column is not None,
            files=has_files,
            dry_run=dry_run,
        )

    def _check_there(self, removal: Removal, *, is_there: bool) -> None:
        """Raise the error that names what there is instead."""
        kind, name = removal.kind, removal.name
        if kind in _TABLES:
            names = {
                k: sorted(self.files.record.read(table, columns=["name"])["name"].to_pylist()) for k, table in _TABLES.items()
            }
            (other,) = set(_TABLES) - {kind}
            if name in names[other]:
                raise NoCollection(f"{name} is a {other}, no {kind}. Run `spectradb remove {self.files.place} {other} {name}`.")
            if name not in names[kind]:
                raise NoCollection(_nothing(self.files.place, kind, name, names[kind]))
        elif not is_there and kind == "search":
            found = self.files.record.read("searches", columns=["search_id"])["search_id"].to_pylist()
            raise NoSearch(_nothing(self.files.place, kind, name, sorted(found)))
        elif not is_there:
            found = self.files.record.read("models", columns=["name"])["name"].to_pylist()
            raise NoModel(_nothing(self.files.place, kind, name, sorted({*found, *self.files.own_models().names()})))

    def _remove_indexes(self, removal: Removal) -> None:
        """Remove this machine's search indexes of what is gone; those of others are removed when they clean."""
        if removal.kind == "search" or not self.files.indexes.is_dir():
            return
        part = 1 if removal.kind == "model" else 0
        for path in sorted(self.files.indexes.iterdir()):
            # Names join collection, model and sometimes ion mode by two underscores, which none of them has.
            of = path.name.partition(".")[0].split("__")
            if len(of) > part and of[part] == removal.name:
                shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)


def _nothing(place: str, kind: str, name: str, known: list[str]) -> str:
    there = f"there are: {', '.join(known)}" if known else f"there is no {kind} at all"
    return f"{place} has no {kind} {name!r}; {there}."
