"""The type of all arguments and options that name a file or a folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from os import PathLike


class _NamedPath(click.Path):
    """A path that is given: an empty one, as of a variable that is not set, would be the current folder."""

    def convert(
        self, value: str | PathLike[str], param: click.Parameter | None, ctx: click.Context | None
    ) -> str | bytes | PathLike[str]:
        if value == "":
            self.fail("an empty text names no file and no folder; write . for the current folder", param, ctx)
        return super().convert(value, param, ctx)


PATH = _NamedPath(path_type=Path)
