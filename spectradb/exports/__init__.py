"""Files that other programs read: spectra of any SELECT, and what searches found."""
