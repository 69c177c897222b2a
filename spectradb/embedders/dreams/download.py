"""Fetching DreaMS's published checkpoint from where its authors put it."""

from __future__ import annotations

import http.client
import urllib.request
from typing import TYPE_CHECKING

from tqdm import tqdm

from spectradb.embedders.dreams.card import CHECKPOINT_NAME, CHECKPOINT_PAGE, CHECKPOINT_URL
from spectradb.errors import UnreadableFile

if TYPE_CHECKING:
    from pathlib import Path

_SECONDS_WITHOUT_DATA = 60.0
_CHUNK = 2**20


def download_checkpoint(file: Path, *, url: str = CHECKPOINT_URL, quiet: bool = True) -> None:
    """Download the checkpoint.

    Parameters
    ----------
    file : pathlib.Path
        Where to write it.
    url : str
        Where it is.
    quiet : bool
        Show no progress bar.

    Raises
    ------
    UnreadableFile
        The network or the server fails, or sends less than it announced.
    """
    try:
        with urllib.request.urlopen(url, timeout=_SECONDS_WITHOUT_DATA) as answer, file.open("wb") as written:  # noqa: S310 - ours
            size = int(answer.headers.get("Content-Length") or 0)
            with tqdm(total=size, unit="B", unit_scale=True, desc=CHECKPOINT_NAME, disable=True if quiet else None) as bar:
                while chunk := answer.read(_CHUNK):
                    written.write(chunk)
                    bar.update(len(chunk))
        if file.stat().st_size < size:
            raise http.client.IncompleteRead(b"", size - file.stat().st_size)
    except (OSError, http.client.HTTPException) as error:
        remedy = f"Try again later, or get {CHECKPOINT_NAME} of {CHECKPOINT_PAGE} otherwise and run `spectradb model add`."
        raise UnreadableFile(url, "download", str(error), remedy) from error
