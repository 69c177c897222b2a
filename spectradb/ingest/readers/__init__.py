"""Readers: one format a module, from a file to Arrow batches of spectra as the file states them."""
