"""One statement for each macro and each function that SQL can call, run on the demo lab after the examples."""

from reference_calls import accuracies, functions, networks, samples, searches, thresholds

CALLS = {**searches.CALLS, **accuracies.CALLS, **thresholds.CALLS, **samples.CALLS, **networks.CALLS, **functions.CALLS}
