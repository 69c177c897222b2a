"""What changed since a search, searching that alone, and states of collections that are kept by name."""
