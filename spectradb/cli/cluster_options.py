"""The options ``--ray`` and ``--ray-workers`` of verbs that can work on a Ray cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable

_ADDRESS = click.option(
    "--ray",
    metavar="ADDRESS",
    help="Work on a Ray cluster: local starts one on this machine, auto finds one there, else host:port of its head. "
    "All its machines must reach the lab under the same path.",
)
_WORKERS = click.option(
    "--ray-workers", type=click.IntRange(min=1), help="Worker processes on the cluster; one for every core when not given."
)


def on_cluster(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options ``--ray`` and ``--ray-workers``.

    Parameters
    ----------
    command : callable
        Takes the keyword arguments ``ray`` and ``ray_workers``.

    Returns
    -------
    callable
        The command with the options.
    """
    return _ADDRESS(_WORKERS(command))
