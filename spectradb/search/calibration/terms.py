"""Names of what calibrations are made of."""

#: Names of the terms that the macro hit_terms gives.
TERMS = (
    "intercept",
    "score",
    "alone",
    "root_gap",
    "log_candidates",
    "neighbour_score",
    "no_neighbour",
    "explained",
    "log_contributors",
    "above_chance",
)
