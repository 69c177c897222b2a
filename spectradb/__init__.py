"""spectradb: the SQL database for tandem mass spectra."""

__version__ = "0.1.0"

from spectradb.lab import connect
from spectradb.store.connection import extend

__all__ = ["__version__", "connect", "extend"]
