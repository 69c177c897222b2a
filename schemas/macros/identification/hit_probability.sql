-- The probability that each first hit is right, by a calibration.
--
-- Inputs: a relation, given by name, with the columns of hits; calibrations; searches; spectra (for adducts).
-- Parameters: found: name of the relation, such as hits, of searches that were calibrated (others lack what the terms
--   need); calibration: a calibration_id; above_chance: of the search (see log_odds_above_chance); NULL: as searches
--   tell.
-- Columns: query_id, probability = 1 / (1 + exp(-sum(coefficient * term))): that of the mean of laboratories;
--   lower_probability: that of a laboratory worse than nine of ten (see log_odds_of_worse_laboratory). Of hits of rank
--   1; NULL where a term is unknown. No rows without that calibration.
CREATE OR REPLACE MACRO hit_probability(found, calibration, above_chance := NULL) AS TABLE
WITH fitted AS (
    SELECT coefficients, laboratory_spread FROM calibrations WHERE calibration_id = calibration
),
told AS (
    SELECT search_id, log_odds_above_chance(n_queries, n_answered, chance) AS log_odds FROM searches
),
described AS (
    SELECT
        hit.query_id,
        hit_terms(
            hit.score,
            hit.score_gap,
            hit.n_candidate_analytes,
            hit.matched_peaks,
            hit.neighbour_score,
            hit.query_explained,
            hit.library_explained,
            hit.library_contributors,
            q.adduct,
            l.adduct,
            coalesce(above_chance, told.log_odds)
        ) AS terms,
        fitted.coefficients,
        fitted.laboratory_spread
    FROM query_table(found) AS hit
    LEFT JOIN spectra AS q ON q.spectrum_id = hit.query_id
    LEFT JOIN spectra AS l ON l.spectrum_id = hit.library_spectrum_id
    LEFT JOIN told ON told.search_id = hit.search_id
    CROSS JOIN fitted
    WHERE hit.rank = 1
),
weighed AS (
    SELECT
        query_id,
        laboratory_spread,
        -- NULL in a list is an error to the product, also where the CASE leaves it out.
        CASE
            WHEN list_count(terms) = len(terms)
                THEN list_inner_product(coefficients, [coalesce(term, 0) FOR term IN terms])
        END AS log_odds
    FROM described
)
SELECT
    query_id,
    1 / (1 + exp(-log_odds)) AS probability,
    1 / (1 + exp(-log_odds_of_worse_laboratory(log_odds, laboratory_spread))) AS lower_probability
FROM weighed;
COMMENT ON MACRO TABLE hit_probability IS
    'The probability that each first hit of a search is right, by a calibration: query_id, probability, '
    'lower_probability (in a worse laboratory)';
