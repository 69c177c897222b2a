"""Drawings that the report and single plots share: the canvas, mirror plots, structures, one hit."""
