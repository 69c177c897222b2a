"""The lab on disk."""
