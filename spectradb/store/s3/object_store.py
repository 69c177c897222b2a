"""The objects of one lab on S3: read, written under conditions, transferred as files.

Credentials, endpoint and region come from the ``AWS_*`` environment variables that Lance reads as well, so that both sides of a
lab go the same way.
"""

from __future__ import annotations

import configparser
import os
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spectradb.errors import MissingDependency, ObjectStorageError
from spectradb.store.s3.storage_errors import telling

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from datetime import datetime

_MIB = 1 << 20
# Small enough for a slow line to send a part before its request times out; S3 takes 10,000 parts.
_PART_BYTES, _PARTS, _PARTS_AT_ONCE = 8 * _MIB, 9_000, 4
# A first contact that fails should say so soon; a transfer under way should outlive a bad minute.
_QUICK: dict[str, Any] = {"max_retries": 2, "retry_timeout": timedelta(seconds=15)}
_PATIENT: dict[str, Any] = {"max_retries": 10, "retry_timeout": timedelta(minutes=3)}
_ENDPOINT_VARIABLES = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT")


@dataclass(frozen=True)
class StoredObject:
    """One object.

    Parameters
    ----------
    key : str
        Its name below the lab's address.
    size : int
        Bytes.
    etag : str
        Changes with its content.
    modified : datetime.datetime
        When it was written, by the server's clock.
    """

    key: str
    size: int
    etag: str
    modified: datetime


class ObjectStore:
    """The objects below one address.

    Parameters
    ----------
    bucket : str
        The bucket.
    prefix : str
        Where in the bucket, without slashes at its ends; empty: the whole bucket.

    Raises
    ------
    MissingDependency
        If obstore is not installed.
    """

    def __init__(self, bucket: str, prefix: str) -> None:
        self.bucket, self.prefix = bucket, prefix
        self.address = f"s3://{bucket}/{prefix}".rstrip("/")
        self.endpoint = endpoint()
        self._settings = _settings(self.endpoint)
        self._quick = self._store(_QUICK, "20s")

    @cached_property
    def _patient(self) -> Any:  # noqa: ANN401 - obstore's types are not there without obstore
        return self._store(_PATIENT, "300s")

    @property
    def lance_options(self) -> dict[str, str]:
        """Storage options with which Lance finds the same place by the same credentials."""
        options = {f"aws_{name}": value for name, value in self._settings.items()}
        return options | ({"allow_http": "true"} if self._is_plain else {})

    def telling(self) -> AbstractContextManager[None]:
        """Raise failures inside a block with the address and the remedy.

        Returns
        -------
        context manager
            For the block.
        """
        return telling(address=self.address, endpoint=self.endpoint)

    def head(self, key: str) -> StoredObject | None:
        """Look up an object.

        Parameters
        ----------
        key : str
            Its name.

        Returns
        -------
        StoredObject or None
            What is known of it; None if there is none.
        """
        with self.telling():
            try:
                return self._described(self._quick.head(self._path(key)))
            except FileNotFoundError:
                return None

    def read(self, key: str) -> tuple[bytes, str] | None:
        """Read a small object.

        Parameters
        ----------
        key : str
            Its name.

        Returns
        -------
        (bytes, str) or None
            Content and ETag; None if there is none.
        """
        with self.telling():
            try:
                found = self._quick.get(self._path(key))
                return bytes(found.bytes()), str(found.meta["e_tag"])
            except FileNotFoundError:
                return None

    def create(self, key: str, content: bytes) -> str | None:
        """Write a small object that must not be there yet (``If-None-Match: *``).

        Parameters
        ----------
        key : str
            Its name.
        content : bytes
            Its content.

        Returns
        -------
        str or None
            Its ETag; None if there is one already.
        """
        return self._put(key, content, "create")

    def replace(self, key: str, content: bytes, *, etag: str) -> str | None:
        """Write a small object in the place of one that must still be what it was (``If-Match``).

        Parameters
        ----------
        key : str
            Its name.
        content : bytes
            Its content.
        etag : str
            What it was.

        Returns
        -------
        str or None
            The new ETag; None if it has changed or gone since.
        """
        return self._put(key, content, {"e_tag": etag})

    def delete(self, key: str) -> None:
        """Delete an object; nothing happens when there is none.

        Parameters
        ----------
        key : str
            Its name.
        """
        with self.telling():
            self._quick.delete(self._path(key))

    def list(self, folder: str) -> list[StoredObject]:
        """List the objects below a folder.

        Parameters
        ----------
        folder : str
            Such as ``models``.

        Returns
        -------
        list of StoredObject
            All of them, folders in it as well.
        """
        with self.telling():
            batches = self._quick.list(self._path(folder))
            return [self._described(meta) for batch in batches for meta in batch]

    def names(self) -> set[str]:
        """List what lies at the address itself.

        Returns
        -------
        set of str
            Names of objects and of folders.
        """
        with self.telling():
            found = self._quick.list_with_delimiter(self.prefix or None)
        paths = [*found["common_prefixes"], *(meta["path"] for meta in found["objects"])]
        return {path.rstrip("/").rpartition("/")[2] for path in paths}

    def upload(self, file: Path, key: str) -> str:
        """Send a file as one object. Who reads meanwhile gets the former object, and so does everybody if this is interrupted.

        Parameters
        ----------
        file : pathlib.Path
            The file.
        key : str
            Name of the object.

        Returns
        -------
        str
            Its ETag.
        """
        part = max(_PART_BYTES, -(-file.stat().st_size // _PARTS))
        with self.telling(), file.open("rb") as content:
            put = self._patient.put(self._path(key), content, chunk_size=part, max_concurrency=_PARTS_AT_ONCE)
        return str(put["e_tag"])

    def download(self, key: str, file: Path) -> str | None:
        """Fetch an object into a file, part by part.

        Parameters
        ----------
        key : str
            Name of the object.
        file : pathlib.Path
            Where to write; what is there is replaced.

        Returns
        -------
        str or None
            ETag of the object; None, and no file, if there is none.
        """
        precondition_failed = _obstore().exceptions.PreconditionError
        while (found := self.head(key)) is not None:
            with self.telling(), file.open("wb") as target:
                try:
                    for start in range(0, found.size, _PART_BYTES):
                        part = (start, min(start + _PART_BYTES, found.size))
                        options = {"range": part, "if_match": found.etag}
                        target.write(self._patient.get(self._path(key), options=options).bytes())
                except (precondition_failed, FileNotFoundError):
                    continue  # replaced meanwhile: fetch what is there now
            return found.etag
        file.unlink(missing_ok=True)
        return None

    def _put(self, key: str, content: bytes, mode: object) -> str | None:
        failures = _obstore().exceptions
        with self.telling():
            try:
                return str(self._quick.put(self._path(key), content, mode=mode)["e_tag"])
            except (failures.AlreadyExistsError, failures.PreconditionError):
                return None
            except failures.NotSupportedError as error:
                msg = (
                    f"{self.address}: the storage takes no conditional writes, which keep writers apart. "
                    "Use one that does (Amazon S3, MinIO, Ceph, ...)."
                )
                raise ObjectStorageError(msg) from error

    def _store(self, retry: dict[str, Any], timeout: str) -> Any:  # noqa: ANN401 - as above
        client = {"connect_timeout": "5s", "timeout": timeout, "allow_http": self._is_plain}
        with self.telling():
            return _obstore().store.S3Store(self.bucket, client_options=client, retry_config=retry, **self._settings)

    @property
    def _is_plain(self) -> bool:
        return bool(self.endpoint and self.endpoint.startswith("http://"))

    def _path(self, key: str) -> str:
        return f"{self.prefix}/{key}" if self.prefix else key

    def _described(self, meta: Any) -> StoredObject:  # noqa: ANN401 - as above
        key = meta["path"].removeprefix(f"{self.prefix}/") if self.prefix else meta["path"]
        return StoredObject(key, meta["size"], str(meta["e_tag"]), meta["last_modified"])


def object_store(bucket: str, prefix: str) -> ObjectStore:
    """Take the store of an address, the same one as long as the environment stays as it is.

    Parameters
    ----------
    bucket, prefix : str
        As for :class:`ObjectStore`.

    Returns
    -------
    ObjectStore
        The store.
    """
    environment = tuple(sorted((name, value) for name, value in os.environ.items() if name.startswith("AWS_")))
    return _object_store(bucket, prefix, environment)


@lru_cache(maxsize=8)
def _object_store(bucket: str, prefix: str, environment: tuple[tuple[str, str], ...]) -> ObjectStore:  # noqa: ARG001 - the key
    return ObjectStore(bucket, prefix)


def endpoint() -> str | None:
    """Tell which endpoint the environment names.

    Returns
    -------
    str or None
        A URL; None: Amazon's own.
    """
    return next((value for name in _ENDPOINT_VARIABLES if (value := os.environ.get(name))), None)


def _settings(url: str | None) -> dict[str, str]:
    """Gather what obstore or Lance does not find in the environment by itself."""
    settings = {"endpoint": url} if url else {}
    if not os.environ.get("AWS_ACCESS_KEY_ID"):
        settings |= _profile()
    return settings


def _profile() -> dict[str, str]:
    """Read the keys of the user's profile, if it has any of its own."""
    parser = configparser.RawConfigParser()
    file = Path(os.environ.get("AWS_SHARED_CREDENTIALS_FILE") or Path.home() / ".aws" / "credentials")
    try:
        parser.read(file, encoding="utf-8")
    except (configparser.Error, OSError, UnicodeDecodeError) as error:
        raise ObjectStorageError(f"{file}: cannot be read as credentials ({error}). Correct it.") from error
    profile = os.environ.get("AWS_PROFILE", "default")
    names = {
        "aws_access_key_id": "access_key_id",
        "aws_secret_access_key": "secret_access_key",
        "aws_session_token": "session_token",
    }
    found = parser[profile] if parser.has_section(profile) else {}
    return {ours: found[theirs] for theirs, ours in names.items() if theirs in found}


def _obstore() -> Any:  # noqa: ANN401 - a module that may not be there
    try:
        import obstore  # noqa: PLC0415 - only labs on object storage need it
        import obstore.exceptions  # noqa: PLC0415
        import obstore.store  # noqa: PLC0415
    except ImportError as error:
        msg = "labs on object storage need obstore. Install it with `pip install 'spectradb[s3]'`."
        raise MissingDependency(msg) from error
    return obstore
