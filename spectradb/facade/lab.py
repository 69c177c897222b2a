"""A lab and its verbs: import, embed, identify, search, and SQL on what is published."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from spectradb.benchmarks.protocols import benchmark
from spectradb.facade.benchmarks import Benchmarks
from spectradb.facade.clusters import RepeatedSpectra
from spectradb.facade.exchange import Exchange
from spectradb.facade.features import Features
from spectradb.facade.history import History
from spectradb.facade.imports import Imports
from spectradb.facade.models import Models
from spectradb.facade.networks import Networks
from spectradb.facade.queries import Queries
from spectradb.facade.removal import Removals
from spectradb.facade.report import Reports
from spectradb.facade.samples import Samples
from spectradb.facade.searches import Searches
from spectradb.facade.serving import Serving
from spectradb.facade.verb import Verb, itself
from spectradb.search.calibrate import calibrate
from spectradb.workspace.lab_files import LabFiles

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from spectradb.models.registry import Embedders
    from spectradb.store.record import Record
    from spectradb.workspace.lab_files import PathLike


def connect(path: PathLike, *, create: bool = False) -> Lab:
    """Open a lab.

    Parameters
    ----------
    path : str or pathlib.Path
        Its directory; or, on object storage, its address ``s3://bucket/path``.
    create : bool
        Make the lab when there is none.

    Returns
    -------
    Lab
        The lab.

    Raises
    ------
    NoLab
        If there is no lab and none is to be made.
    SchemaVersionMismatch
        If the lab has another schema version; the message says what to do.
    LabExists
        If a lab is to be made where other files are.
    ObjectStorageError
        If the object storage at the address cannot be reached, has no such bucket, or refuses access.
    """
    lab = Lab(path)
    if create:
        lab.files.create_if_missing()
    lab.check()
    return lab


class Lab:
    """One lab. Use :func:`connect` to get one; every verb that changes something publishes at its end.

    Parameters
    ----------
    path : str or pathlib.Path
        Its directory or address.

    Attributes
    ----------
    files : LabFiles
        What lies in the directory or at the address.
    path : pathlib.Path
        The directory; of a lab on object storage, the folder of this machine for what can be made again.
    address : LabAddress or None
        The address on object storage.
    locks, indexes : pathlib.Path
        Folders of locks, and of search indexes.
    """

    def __init__(self, path: PathLike) -> None:
        self.files = LabFiles(path)
        self.address = self.files.address
        self.path = self.files.path
        self.locks = self.files.locks
        self.indexes = self.files.indexes

    def __repr__(self) -> str:
        """Name the lab."""
        return f"Lab({self.place!r})"

    def __enter__(self) -> Self:
        """Use the lab in a ``with`` block."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close the lab's connection."""
        self.close()

    @property
    def record(self) -> Record:
        """The tables in Lance."""
        return self.files.record

    @property
    def place(self) -> str:
        """The lab's directory or address, as messages name it."""
        return self.files.place

    @property
    def published(self) -> Path:
        """The published file, see :attr:`spectradb.workspace.lab_files.LabFiles.published`."""
        return self.files.published

    @property
    def embedders(self) -> Embedders:
        """The embedders that the lab can use."""
        return self.files.embedders

    @property
    def exists(self) -> bool:
        """Whether there is a lab at the path."""
        return self.files.exists

    @property
    def default_model(self) -> str:
        """The model that is used where none is named."""
        return self.files.default_model

    create = Verb(itself, LabFiles.create)
    check = Verb(itself, LabFiles.check)
    publish = Verb(itself, LabFiles.publish)
    upgrade = Verb(itself, LabFiles.upgrade)
    clean = Verb(itself, LabFiles.clean)
    finish_removals = Verb(itself, LabFiles.finish_removals)
    connection = Verb(itself, LabFiles.connection)
    cursor = Verb(itself, LabFiles.cursor)
    close = Verb(itself, LabFiles.close)

    sql = Verb(Queries, Queries.sql)
    massql = Verb(Queries, Queries.massql)
    massql_sql = Verb(Queries, Queries.massql_sql)
    export = Verb(Queries, Queries.export)
    info = Verb(Queries, Queries.info)

    matchms_spectra = Verb(Exchange, Exchange.matchms_spectra)
    lance_table = Verb(Exchange, Exchange.lance_table)

    import_library = Verb(Imports, Imports.import_library)
    import_study = Verb(Imports, Imports.import_study)
    import_features = Verb(Features, Features.import_features)

    add_model = Verb(Models, Models.add_model)
    download_model = Verb(Models, Models.download_model)
    model = Verb(Models, Models.model)
    models = Verb(Models, Models.models)
    trust_model = Verb(Models, Models.trust_model)
    remove_model = Verb(Models, Models.remove_model)
    embed = Verb(Models, Models.embed)
    train = Verb(Models, Models.train)

    identify = Verb(Searches, Searches.identify)
    refine = Verb(Searches, Searches.refine)
    search = Verb(Searches, Searches.search)
    search_file = Verb(Searches, Searches.search_file)
    calibrate = Verb(itself, calibrate)

    reannotate = Verb(History, History.reannotate)
    keep_state = Verb(History, History.keep_state)
    drop_state = Verb(History, History.drop_state)
    states = Verb(History, History.states)
    state_changes = Verb(History, History.state_changes)

    network = Verb(Networks, Networks.network)
    cluster = Verb(RepeatedSpectra, RepeatedSpectra.cluster)

    benchmark = Verb(itself, benchmark)
    mces = Verb(Benchmarks, Benchmarks.mces)
    tautomers = Verb(Benchmarks, Benchmarks.tautomers)

    aggregate = Verb(Samples, Samples.aggregate)
    classify = Verb(Samples, Samples.classify)
    project = Verb(Samples, Samples.project)
    compare_methods = Verb(Samples, Samples.compare_methods)
    markers = Verb(Samples, Samples.markers)

    confident = Verb(Reports, Reports.confident)
    report = Verb(Reports, Reports.report)
    dashboard = Verb(Reports, Reports.dashboard)
    plot_hit = Verb(Reports, Reports.plot_hit)

    serve = Verb(Serving, Serving.serve)

    remove = Verb(Removals, Removals.remove)
    remove_study = Verb(Removals, Removals.remove_study)
    remove_library = Verb(Removals, Removals.remove_library)
    remove_search = Verb(Removals, Removals.remove_search)
