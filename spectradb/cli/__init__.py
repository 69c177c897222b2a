"""The command line: every command is a thin skin on a method of :class:`spectradb.facade.lab.Lab`."""

from spectradb.cli.main import main

__all__ = ["main"]
