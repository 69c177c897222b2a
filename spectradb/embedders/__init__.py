"""Embedders: what turns spectra into vectors."""
