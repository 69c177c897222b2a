"""Repeated spectra of a study: which are of one ion, and one consensus spectrum for each."""
