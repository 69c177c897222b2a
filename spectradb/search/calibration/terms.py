"""Names of what calibrations are made of."""

#: Names of the terms that the macro hit_terms gives.
TERMS = (
    "intercept",
    "score",
    "closeness",
    "alone",
    "root_gap",
    "log_candidates",
    "neighbour_score",
    "no_neighbour",
    "explained",
    "log_matched",
    "log_contributors",
    "other_adduct",
    "above_chance",
)
