"""Molecular networks: which spectra of a collection are alike, in which families, and what neighbours say of each other."""
