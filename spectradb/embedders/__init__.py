"""Embedders: what turns spectra into vectors, those built in and those of a lab."""
