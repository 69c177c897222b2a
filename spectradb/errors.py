"""Errors that spectradb raises: one base class, one subclass per state a user can be told about.

Every message says what was found, where, and what to do next.
"""

from __future__ import annotations


class SpectraDBError(Exception):
    """Base class of every error that spectradb raises on purpose."""


class NoLab(SpectraDBError):
    """The path holds no lab."""


class LabExists(SpectraDBError):
    """A lab, or something else, already stands where one was to be made."""


class PublishedFileChanged(SpectraDBError):
    """The published file is not what was published, or cannot be opened, and cannot be built anew here."""


class NotWritable(SpectraDBError):
    """The file system takes no more, or not from this user: the disk is full, read-only, or closed to them."""


class SchemaVersionMismatch(SpectraDBError):
    """The lab was written by another version of the schema."""


class BadParameter(SpectraDBError):
    """A parameter has a value that means nothing here."""


class UnknownFormat(SpectraDBError):
    """No reader recognises the file."""


class UnreadableFile(SpectraDBError):
    """A file cannot be read to its end.

    Parameters
    ----------
    path : str
        The file.
    place : str
        Where reading stopped, as precisely as the format allows ("spectrum 17", "line 2034", "byte 73693").
    reason : str
        What was wrong there.
    remedy : str
        What the user can do about it.
    """

    def __init__(self, path: str, place: str, reason: str, remedy: str) -> None:
        super().__init__(f"{path}, {place}: {reason}. {remedy}")
        self.path = path
        self.place = place
        self.reason = reason
        self.remedy = remedy


class NoSpectra(SpectraDBError):
    """An import or a search ended with nothing."""


class NoCollection(SpectraDBError):
    """The lab has no library or study of that name."""


class CollectionExists(SpectraDBError):
    """The name is taken by a collection of the other kind or with other settings."""


class NoSearch(SpectraDBError):
    """The lab has no search of that name."""


class SearchExists(SpectraDBError):
    """The name is taken by another search."""


class NoState(SpectraDBError):
    """The lab keeps no state of that name."""


class StateExists(SpectraDBError):
    """The name is taken by another state."""


class NoModel(SpectraDBError):
    """No embedder of that name is known."""


class NoEmbedding(SpectraDBError):
    """Spectra that a search needs have no vector of that model yet."""


class BadSampleTable(SpectraDBError):
    """The sample table does not fit the runs."""


class BadFeatureTable(SpectraDBError):
    """A table of features cannot be read, or says a thing twice."""


class BadMassQL(SpectraDBError):
    """A query in MassQL cannot be read, or asks for what it cannot mean."""


class NoSuchData(SpectraDBError):
    """A question is about data that labs do not hold."""


class BadSelect(SpectraDBError):
    """A SELECT does not yield the columns that an import needs."""


class BadAdduct(SpectraDBError):
    """An adduct cannot be read as ``[nM+X-Y]z``."""


class BadStructure(SpectraDBError):
    """A structure cannot be read."""


class MissingDependency(SpectraDBError):
    """An optional program or package is needed and absent."""


class UnsupportedPlatform(SpectraDBError):
    """The operating system lacks what spectradb stands on."""


class ModelChanged(SpectraDBError):
    """Vectors that a lab holds were made by another version of the model."""


class BadModel(SpectraDBError):
    """The files of a model are missing, damaged, or do not do what its card says."""


class UntrustedModel(SpectraDBError):
    """A model holds code that would run, and nobody has said that it may."""


class ObjectStorageError(SpectraDBError):
    """Object storage did not do what was asked of it."""


class NoBucket(ObjectStorageError):
    """The bucket of a lab's address does not exist."""


class StorageAccessRefused(ObjectStorageError):
    """Object storage does not let this user in, or no credentials were found."""


class StorageUnreachable(ObjectStorageError):
    """Nothing answers at the endpoint of the object storage."""


class LockLost(ObjectStorageError):
    """Another machine took over a lock, because this one was silent for too long."""


class BadCluster(SpectraDBError):
    """A Ray cluster cannot be reached, or its workers cannot do what they are asked."""
