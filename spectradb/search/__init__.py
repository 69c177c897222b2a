"""Searching: studies against libraries, and spectra at hand."""
