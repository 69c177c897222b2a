"""The published DuckDB file: what fills it, what changed since it was filled, and putting the next one in its place."""
