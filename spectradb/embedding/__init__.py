"""Filling embedding columns."""
