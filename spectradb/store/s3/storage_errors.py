"""What went wrong with object storage, told with the address and the remedy instead of the words of the library below.

Lance and obstore both speak through Rust's ``object_store`` and put what the server or the network said into one long text;
that text tells the kinds of failure apart.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

from spectradb.errors import NoBucket, ObjectStorageError, SpectraDBError, StorageAccessRefused, StorageUnreachable

if TYPE_CHECKING:
    from collections.abc import Iterator

_FROM_STORAGE = re.compile(r"Generic S3 error|LanceError\(IO\)|Error performing [A-Z]+ |Generic \{\s*store: \"S3\"")
_NO_CREDENTIALS = re.compile(
    r"169\.254\.1(69\.254|70\.2)|CredentialsNotLoaded|no providers in chain|NoCredentials", re.IGNORECASE
)
_OTHER_REGION = re.compile(r"PermanentRedirect|AuthorizationHeaderMalformed|301 Moved|IllegalLocationConstraint")
_REFUSED = (
    re.compile(
        r"<Code>(InvalidAccessKeyId|SignatureDoesNotMatch|AccessDenied|ExpiredToken|InvalidToken|RequestTimeTooSkewed)<"
    ),
    re.compile(r"\b(401 Unauthorized|403 Forbidden)"),
)
_UNREACHABLE = re.compile(r"error sending request|dns error|connection refused|timed out|timeout|connect error", re.IGNORECASE)
_FIRST_WORDS = 200


def told(error: BaseException, *, address: str, endpoint: str | None) -> ObjectStorageError | None:
    """Tell a failure of object storage in words that name the address and the remedy.

    Parameters
    ----------
    error : BaseException
        What Lance, obstore or DuckDB raised.
    address : str
        The lab's address, ``s3://bucket/path``.
    endpoint : str or None
        The endpoint, where it is not Amazon's.

    Returns
    -------
    ObjectStorageError or None
        What to raise instead; None when the error is of another kind.
    """
    text = str(error)
    if not _FROM_STORAGE.search(text):
        return None
    where = endpoint or "Amazon S3"
    kind: type[ObjectStorageError] = ObjectStorageError
    if _NO_CREDENTIALS.search(text):
        kind, what = StorageAccessRefused, f"no credentials were found for {where}"
        remedy = "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or keys in ~/.aws/credentials with AWS_PROFILE"
    elif "NoSuchBucket" in text:
        kind, what = NoBucket, f"{where} has no bucket {address.removeprefix('s3://').partition('/')[0]!r}"
        remedy = "Create the bucket, or correct the address"
    elif _OTHER_REGION.search(text):
        what, remedy = "the bucket is in another region", "Set AWS_REGION to the bucket's region"
    elif refused := next(filter(None, (pattern.search(text) for pattern in _REFUSED)), None):
        kind, what = StorageAccessRefused, f"{where} refused access ({refused[1]})"
        remedy = "Check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and that they may list, read and write there"
    elif _UNREACHABLE.search(text):
        kind, what = StorageUnreachable, f"{where} cannot be reached"
        remedy = "Check AWS_ENDPOINT_URL and the network, then run the command again"
    else:
        said, _, _ = text.partition("Debug source")
        what = f"{where} failed: {' '.join(said.split())[:_FIRST_WORDS]}"
        remedy = "Run the command again; what is stored is whole"
    return kind(f"{address}: {what}. {remedy}.")


@contextmanager
def telling(*, address: str, endpoint: str | None) -> Iterator[None]:
    """Raise failures of object storage inside a block as :func:`told` tells them; other errors pass as they are.

    Parameters
    ----------
    address : str
        The lab's address.
    endpoint : str or None
        The endpoint, where it is not Amazon's.

    Yields
    ------
    None
        For the block.
    """
    try:
        yield
    except SpectraDBError:
        raise
    except Exception as error:
        plain = told(error, address=address, endpoint=endpoint)
        if plain is None:
            raise
        raise plain from None
