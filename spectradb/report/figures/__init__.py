"""Figures of the report, one kind a module; each takes rows of a query and gives a matplotlib figure."""
