"""The schema version that this spectradb writes."""

SCHEMA_VERSION = 3
