"""Files that make searches fast and can be built anew at any time."""

INDEX_FOLDER = "indexes"
"""Folder of a lab with its search indexes."""
