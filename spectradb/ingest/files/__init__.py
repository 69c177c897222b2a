"""The files of an import, read in this process or several."""
