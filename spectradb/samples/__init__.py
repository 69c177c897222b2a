"""Samples and cohorts: aggregation of spectra into samples, classifiers, projections and what drives a difference."""
