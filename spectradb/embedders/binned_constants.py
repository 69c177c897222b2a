"""The constants in the definition of :mod:`spectradb.embedders.binned`, for its NumPy and its PyTorch form."""

ENTROPY_LIMIT = 3.0  # nats; spectra below are flattened
ENTROPY_OFFSET, ENTROPY_SLOPE = 0.25, 0.25
FRAGMENT, LOSS = 0, 1
KINDS = 2  # of features, on each scale
KIND_STRIDE = 2**32  # bins of one kind before those of the next begin
LAST_POSITION = 2.0**31  # whatever lies beyond shares the last bin: a cast of larger floats differs between processors
SPLITMIX64 = (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
