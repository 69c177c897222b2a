-- The terms of the log odds that a first hit is right: what calibrations fit coefficients to.
--
-- Inputs: none.
-- Parameters: score, score_gap (NULL: there was no other candidate), n_candidate_analytes, matched_peaks,
--   neighbour_score (NULL: there was no neighbour), query_explained, library_explained, library_contributors: those of
--   the hit; query_adduct, library_adduct: of its spectra (NULL: not stated); above_chance: of its search (see
--   log_odds_above_chance).
-- Columns: none; the value is a list of DOUBLE: intercept (1), score (held within 0 to 1), closeness (-ln(1.02 -
--   score): a score of .99 says more beyond .9 than .9 beyond .8), alone (1 when there is no other candidate, else 0),
--   root_gap (square root of score_gap; 0 when alone), log_candidates (ln of n_candidate_analytes), neighbour_score
--   (held within 0 to 1; 0 without a neighbour), no_neighbour (1 without one, else 0), explained (geometric mean of
--   query_explained and library_explained), log_matched (ln of 1 + matched_peaks: few peaks agree by chance),
--   log_contributors (ln of 1 + library_contributors, two standing for more: a calibration, whose queries do not count
--   their own laboratory, cannot know of more in a library of three), other_adduct (1 where both state an adduct and
--   not the same, else 0), above_chance.
CREATE OR REPLACE MACRO hit_terms(
    score,
    score_gap,
    n_candidate_analytes,
    matched_peaks,
    neighbour_score,
    query_explained,
    library_explained,
    library_contributors,
    query_adduct,
    library_adduct,
    above_chance
) AS [
    1::DOUBLE,
    greatest(least(score, 1), 0)::DOUBLE,
    -ln(1.02::DOUBLE - greatest(least(score, 1), 0)::DOUBLE),
    CASE WHEN score_gap IS NULL THEN 1 ELSE 0 END::DOUBLE,
    sqrt(greatest(coalesce(score_gap, 0), 0)::DOUBLE),
    ln(greatest(n_candidate_analytes, 1))::DOUBLE,
    greatest(least(coalesce(neighbour_score, 0), 1), 0)::DOUBLE,
    CASE WHEN neighbour_score IS NULL THEN 1 ELSE 0 END::DOUBLE,
    sqrt(query_explained * library_explained)::DOUBLE,
    ln(1 + matched_peaks)::DOUBLE,
    ln(1 + least(library_contributors, 2))::DOUBLE,
    CASE WHEN query_adduct <> library_adduct THEN 1 ELSE 0 END::DOUBLE,
    above_chance::DOUBLE
];
COMMENT ON MACRO hit_terms IS
    'Terms of the log odds that a first hit is right, as calibrations name them: score, gap, candidates, neighbours, '
    'explained intensity, matched peaks, contributors, adducts, study';
