"""Spectra and vectors as arrays: what embedders, similarities and training share; no database, no network."""
