"""Vectors of both sides of a search, and who is nearest."""
