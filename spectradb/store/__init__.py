"""The lab on disk: the record in Lance, the published DuckDB file, connections to it."""
