"""The verb demo: the whole way from files to answers on simulated data."""

COMMANDS: tuple[()] = ()
