"""The Mass Spectrometry Query Language over a lab: queries about MS/MS spectra are read, and written as SQL."""
