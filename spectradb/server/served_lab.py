"""The published lab as a server shows it: the state that is published now, while answers under way end on theirs."""

from __future__ import annotations

import logging
import os
import tempfile
import threading
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import duckdb
import numpy as np

from spectradb import schemas
from spectradb.errors import NoLab, SpectraDBError
from spectradb.search.resident.search import make_resident, take_over
from spectradb.server.locked_engine import LockedEngine
from spectradb.store.statements import to_arrow
from spectradb.workspace.connection import OpenedLab

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from spectradb.models.registry import Embedders
    from spectradb.server.limits import Limits
    from spectradb.workspace.lab_files import LabFiles

#: Seconds between looks at whether another state was published: a look costs one stat, of an address a request.
LOOK_SECONDS, LOOK_SECONDS_AT_ADDRESS = 0.25, 5.0
_LOG = logging.getLogger(__name__)


class LibraryFacts(NamedTuple):
    """What candidates of a library are told with beside what every search tells; n spectra by id.

    Parameters
    ----------
    ids : numpy.ndarray of int64, shape (n,)
        spectrum_ids.
    inchikeys : pyarrow.Array
        Their InChIKeys.
    offsets : numpy.ndarray of int64, shape (n + 1,)
        Bounds of their peaks.
    mz : numpy.ndarray of float64, shape (total,)
        m/z of all peaks.
    """

    ids: NDArray[np.int64]
    inchikeys: pa.Array
    offsets: NDArray[np.int64]
    mz: NDArray[np.float64]

    def row(self, spectrum_id: int) -> int:
        """Find a spectrum.

        Parameters
        ----------
        spectrum_id : int
            Its id.

        Returns
        -------
        int
            Its row.
        """
        return int(np.searchsorted(self.ids, spectrum_id))

    def matched_peaks(self, row: int, mz: NDArray[np.float64], tolerance_da: float) -> int:
        """Count the peaks of a query that have a peak of a library spectrum within the tolerance.

        Parameters
        ----------
        row : int
            The library spectrum.
        mz : numpy.ndarray of float64, shape (n_peaks,)
            The query's m/z.
        tolerance_da : float
            The tolerance in Da.

        Returns
        -------
        int
            As ``hits.matched_peaks`` counts them.
        """
        of_library = self.mz[self.offsets[row] : self.offsets[row + 1]]
        if not len(of_library):
            return 0
        right = np.searchsorted(of_library, mz).clip(max=len(of_library) - 1)
        nearest = np.minimum(np.abs(of_library[right] - mz), np.abs(of_library[np.maximum(right - 1, 0)] - mz))
        return int((nearest <= tolerance_da).sum())


class ServedState:
    """One published state, opened for searches and for statements.

    Parameters
    ----------
    path : pathlib.Path
        The ``lab.duckdb`` file.
    embedders : Embedders
        The lab's embedders.
    limits : Limits
        What statements may take.
    """

    def __init__(self, path: Path, embedders: Embedders, limits: Limits) -> None:
        self.opened = OpenedLab(path, embedders=embedders)
        self.engine = LockedEngine(path, limits)
        self.embedders = embedders
        #: By library what tells whether it has changed.
        self.digests: dict[str, str] = {}

    def facts(self, library: str) -> LibraryFacts:
        """Return what is told of a library's spectra; it is read once.

        Parameters
        ----------
        library : str
            Its name.

        Returns
        -------
        LibraryFacts
            The facts.
        """
        facts: LibraryFacts = self.opened.kept(_facts_key(library), lambda: self._read_facts(library))
        return facts

    def warm_up(self, before: ServedState | None = None) -> None:
        """Read the libraries into memory that have vectors of the lab's default model.

        Parameters
        ----------
        before : ServedState, optional
            The state before: what it has of libraries that have not changed is taken over.
        """
        model = self.opened.default_model
        with self.opened.cursor(statement="") as con:
            if model not in {name for (name,) in con.execute(schemas.read("queries/lab/model_names")).fetchall()}:
                return
            libraries = [name for (name,) in con.execute(schemas.read("queries/serving/libraries")).fetchall()]
            statement = schemas.read("queries/serving/library_digest")
            for library in libraries:
                ((digest,),) = con.execute(statement, {"library": library, "model": model}).fetchall()
                self.digests[library] = f"{model} {digest}"
        for library, digest in self.digests.items():
            if before is not None and before.digests.get(library) == digest:
                take_over(self.opened, before.opened, library, model)
                self.opened.kept(_facts_key(library), partial(before.facts, library))
            with suppress(SpectraDBError):  # not embedded, or not annotated: who searches it is told
                make_resident(self.opened, library, model, embedders=self.embedders)
                self.facts(library)

    def has_facts(self, library: str) -> bool:
        """Tell whether :meth:`facts` answers at once.

        Parameters
        ----------
        library : str
            Its name.

        Returns
        -------
        bool
            Whether they were read.
        """
        return self.opened.keeps(_facts_key(library))

    def _read_facts(self, library: str) -> LibraryFacts:
        with self.opened.cursor(statement="") as con:
            table = to_arrow(con, schemas.read("queries/serving/library_facts"), {"library": library}).combine_chunks()
        peaks = table["mz"].combine_chunks()
        lengths = peaks.value_lengths().fill_null(0).to_numpy(zero_copy_only=False)
        offsets = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(lengths, dtype=np.int64)])
        inchikeys = table["inchikey"].combine_chunks()
        return LibraryFacts(table["spectrum_id"].to_numpy(), inchikeys, offsets, peaks.flatten().to_numpy(zero_copy_only=False))


class ServedLab:
    """A lab that a server shows; it follows what is published.

    Parameters
    ----------
    files : LabFiles
        The lab.
    limits : Limits
        What clients may take.

    Raises
    ------
    NoLab, PublishedFileChanged
        If it was never published, or cannot be opened.
    """

    def __init__(self, files: LabFiles, limits: Limits) -> None:
        self.files = files
        self.limits = limits
        self._scratch = tempfile.TemporaryDirectory(prefix="spectradb-server-")
        # Indexes of open searches go to the lab where this user may write to it.
        self.indexes = files.indexes if os.access(files.path, os.W_OK) else Path(self._scratch.name)
        path = files.published
        if not path.exists():
            raise NoLab(f"{files.place} was never published. Run `spectradb publish {files.place}`.")
        self._shown = _file_state(path)
        self.current = ServedState(path, files.embedders, limits)
        self._path = path
        self._ending = threading.Event()
        self._follower = threading.Thread(target=self._follow, daemon=True, name="follows publishes")

    def start(self) -> None:
        """Begin to follow what is published."""
        self._follower.start()

    def close(self) -> None:
        """Follow no more."""
        self._ending.set()
        if self._follower.ident is not None:
            self._follower.join(timeout=1.0)
        self._scratch.cleanup()

    def _follow(self) -> None:
        try:
            self.current.warm_up()
        except (SpectraDBError, OSError, duckdb.Error) as error:
            _LOG.warning("libraries are read when they are first searched, since they cannot be now: %s", error)
        pause = LOOK_SECONDS_AT_ADDRESS if self.files.address else LOOK_SECONDS
        while not self._ending.wait(pause):
            try:
                if self.files.address:
                    self._path = self.files.published
                state = _file_state(self._path)
                if state == self._shown:
                    continue
                following = ServedState(self._path, self.files.embedders, self.limits)
                following.warm_up(self.current)
            except (SpectraDBError, OSError, duckdb.Error) as error:
                _LOG.warning("what is published now cannot be opened, so the state before is still shown: %s", error)
                continue
            # Whoever has the state before goes on with it; it closes when the last one lets it go.
            self.current, self._shown = following, state


def _facts_key(library: str) -> tuple[str, str]:
    return ("library facts", library)


def _file_state(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns
