"""Training the analogue model: spectra are drawn to the places of their structures in a space where near means alike."""
