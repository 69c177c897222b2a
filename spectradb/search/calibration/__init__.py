"""How scores become probabilities."""
