"""Removing a study, a library, a search or a model from a lab, with everything that hangs on it."""
