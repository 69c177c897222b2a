"""Text in the page of the report."""

import html

from spectradb.spelling import printable


def escape(text: str, *, quote: bool = True) -> str:
    """Return a text as HTML that shows it.

    Parameters
    ----------
    text : str
        Whatever people wrote.
    quote : bool
        Whether it stands in an attribute.

    Returns
    -------
    str
        HTML without control characters.
    """
    return html.escape(printable(text), quote=quote)
