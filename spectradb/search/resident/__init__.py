"""A library kept in memory, for spectra at hand that come one after another."""
