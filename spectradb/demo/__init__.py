"""Simulated spectra: a library and a study to try the database on, made from structures by rules."""
