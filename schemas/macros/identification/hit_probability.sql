-- The probability that each first hit is right, by a calibration.
--
-- Inputs: a relation, given by name, with the columns of hits; calibrations; searches.
-- Parameters: found: name of the relation, such as hits, of searches that were calibrated (others lack what the terms
--   need); calibration: a calibration_id; above_chance: of the search (see log_odds_above_chance); NULL: as searches
--   tell.
-- Columns: query_id, probability = 1 / (1 + exp(-sum(coefficient * term))), of hits of rank 1; NULL where a term is
--   unknown. No rows without that calibration.
CREATE OR REPLACE MACRO hit_probability(found, calibration, above_chance := NULL) AS TABLE
WITH fitted AS (
    SELECT coefficients FROM calibrations WHERE calibration_id = calibration
),
told AS (
    SELECT search_id, log_odds_above_chance(n_queries, n_answered, chance) AS log_odds FROM searches
),
log_odds AS (
    SELECT
        hit.query_id,
        hit_terms(
            hit.score,
            hit.score_gap,
            hit.n_candidate_analytes,
            hit.neighbour_score,
            hit.query_explained,
            hit.library_explained,
            hit.library_contributors,
            coalesce(above_chance, told.log_odds)
        ) AS terms,
        fitted.coefficients
    FROM query_table(found) AS hit
    LEFT JOIN told ON told.search_id = hit.search_id
    CROSS JOIN fitted
    WHERE hit.rank = 1
)
SELECT
    query_id,
    -- NULL in a list is an error to the product, also where the CASE leaves it out.
    CASE
        WHEN list_count(terms) = len(terms)
            THEN 1 / (1 + exp(-list_inner_product(coefficients, [coalesce(term, 0) FOR term IN terms])))
    END AS probability
FROM log_odds;
COMMENT ON MACRO TABLE hit_probability IS
    'The probability that each first hit of a search is right, by a calibration: query_id, probability';
