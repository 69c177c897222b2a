"""What SQL can call: functions that need a model or chemistry, registered on a DuckDB connection by :func:`register`."""

from spectradb.udfs.registry import FUNCTIONS, SqlFunction, calls_function, register

__all__ = ["FUNCTIONS", "SqlFunction", "calls_function", "register"]
