"""The address of a lab on object storage, and the folder of this machine that goes with it.

At the address are the record, the published file, the lab's models and its locks. The folder is a cache: the working copy of
the published file, search indexes, checkpoints. It can be deleted at any time when nobody works with the lab.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Self

from spectradb.errors import BadParameter
from spectradb.store.indexes import INDEX_FOLDER
from spectradb.store.s3.lock_objects import PLACE_FILE
from spectradb.store.s3.object_store import endpoint, object_store
from spectradb.store.s3.storage_errors import told

if TYPE_CHECKING:
    from spectradb.errors import ObjectStorageError
    from spectradb.store.s3.object_store import ObjectStore

# A path drops one of the slashes.
_ADDRESS = re.compile(r"(?P<scheme>s3|gs|gcs|az|abfs|abfss|http|https|file|memory):/{1,2}(?P<rest>.*)", re.DOTALL)
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.\-]{1,61}[a-z0-9]")

#: Object at the address that tells labs apart which were made there one after another.
ID_OBJECT = "lab.id"


class LabAddress:
    """The address of a lab on object storage.

    Parameters
    ----------
    bucket : str
        The bucket.
    prefix : str
        Where in the bucket, without slashes at its ends.
    """

    def __init__(self, bucket: str, prefix: str) -> None:
        self.bucket, self.prefix = bucket, prefix
        where = hashlib.sha256(f"{endpoint() or ''} {self}".encode()).hexdigest()[:16]
        cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        # The lab's own name comes last, since reports and messages take it from there.
        self.folder = cache / "spectradb" / "labs" / where / (prefix.rpartition("/")[2] or bucket)

    def __str__(self) -> str:
        """Write the address."""
        return f"s3://{self.bucket}/{self.prefix}".rstrip("/")

    @classmethod
    def of(cls, path: str | Path) -> Self | None:
        """Read an address.

        Parameters
        ----------
        path : str or pathlib.Path
            What the user named; a path that was made of an address is one still.

        Returns
        -------
        LabAddress or None
            The address; None if a directory of this machine is meant.

        Raises
        ------
        BadParameter
            If it names storage that is not S3, or no bucket.
        """
        match = _ADDRESS.fullmatch(str(path))
        if match is None:
            return None
        if match["scheme"] != "s3":
            msg = f"{path}: labs live in directories and on S3. Name a directory, or s3://bucket/path."
            raise BadParameter(msg)
        bucket, _, prefix = match["rest"].partition("/")
        if not _BUCKET.fullmatch(bucket):
            msg = f"{path}: {bucket!r} cannot be the name of a bucket. Write s3://bucket/path."
            raise BadParameter(msg)
        parts = [part for part in prefix.split("/") if part]
        if any(part in {".", ".."} for part in parts):
            msg = f"{path}: an address has no . or .. in it. Write it out."
            raise BadParameter(msg)
        return cls(bucket, "/".join(parts))

    @property
    def store(self) -> ObjectStore:
        """The objects at the address."""
        return object_store(self.bucket, self.prefix)

    @property
    def record_uri(self) -> str:
        """Where Lance finds the record."""
        return f"{self}/lance"

    def prepare(self, *, create: bool = False) -> None:
        """Make the folder ready: empty unless it belongs to the very lab that is at the address now.

        A lab that was deleted and made again at one address counts its versions anew, so that what was cached of the former one
        could pass for the new one's.

        Parameters
        ----------
        create : bool
            A lab is about to be made: give it an identity if it has none.
        """
        locks = self.folder / "locks"
        locks.mkdir(parents=True, exist_ok=True)
        if not (place := locks / PLACE_FILE).exists():
            told = {"bucket": self.bucket, "prefix": self.prefix, "machine": uuid.uuid4().hex}
            # Whoever comes first decides: locks rest on one name for all processes of this machine.
            _write_once(place, json.dumps(told))
        if create:
            self.store.create(ID_OBJECT, uuid.uuid4().hex.encode())
        found = self.store.read(ID_OBJECT)
        identity = found[0].decode() if found else ""
        known = self.folder / ID_OBJECT
        if (known.read_text() if known.exists() else "") != identity:
            self._remove_working_copy()
            known.write_text(identity)

    def _remove_working_copy(self) -> None:
        for file in [*self.folder.glob("lab.duckdb*"), *(self.folder / "locks").glob("*.sqlite")]:
            file.unlink(missing_ok=True) if file.is_file() else shutil.rmtree(file, ignore_errors=True)
        shutil.rmtree(self.folder / INDEX_FOLDER, ignore_errors=True)


def told_at(path: object, error: BaseException) -> ObjectStorageError | None:
    """Tell a failure of a lab's object storage in words that name the address and the remedy.

    Parameters
    ----------
    path : object
        What the user named as the lab, if anything.
    error : BaseException
        What was raised.

    Returns
    -------
    ObjectStorageError or None
        What to tell; None when no lab on object storage was named, or the error is of another kind.
    """
    address = LabAddress.of(path) if isinstance(path, str | Path) else None
    return told(error, address=str(address), endpoint=endpoint()) if address else None


def _write_once(file: Path, text: str) -> None:
    whole = file.with_name(f"{file.name}.{uuid.uuid4().hex}")
    whole.write_text(text)
    try:
        os.link(whole, file)
    except FileExistsError:
        pass
    finally:
        whole.unlink()
