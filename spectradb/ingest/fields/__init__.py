"""What the fields of spectra mean, whatever the format that states them, and why a spectrum is not taken."""
