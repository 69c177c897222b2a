"""The trained encoder: a transformer over peaks, and its checkpoints."""
