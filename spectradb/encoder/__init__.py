"""From peaks to vectors: knows arrays, not databases."""
