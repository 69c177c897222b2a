"""Similarity of spectra by their peaks, in batches of pairs: cosine, modified cosine, weighted cosine, spectral entropy."""
