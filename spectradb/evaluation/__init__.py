"""Evaluating embedders and scores on arrays."""
