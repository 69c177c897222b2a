"""The dashboard: one interactive HTML page built from a lab."""
