"""A spectrum as a file states it, and as the tables hold it."""
