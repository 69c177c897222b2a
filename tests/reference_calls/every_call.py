"""One statement for each macro and each function that SQL can call, run on the demo lab after the examples."""

from reference_calls import (
    accuracies,
    agreement,
    analogues,
    features,
    fragments,
    functions,
    massql,
    networks,
    samples,
    searches,
    sets,
    thresholds,
)

PARTS = (
    *(searches, fragments, massql, accuracies, analogues, features, thresholds, sets, samples, networks, agreement, functions),
)
CALLS = {name: statement for part in PARTS for name, statement in part.CALLS.items()}
