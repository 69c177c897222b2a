"""The lab as its users hold it."""
