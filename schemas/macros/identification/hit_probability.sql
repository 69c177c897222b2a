-- The probability that each first hit is right, by a calibration.
--
-- Inputs: a relation, given by name, with the columns of hits of one search; calibrations; spectra (for the queries' n_peaks).
-- Parameters: found: name of the relation, such as hits; calibration: a calibration_id.
-- Columns: query_id, probability = 1 / (1 + exp(-sum(coefficient * term))), of hits of rank 1. No rows without that calibration.
CREATE OR REPLACE MACRO hit_probability(found, calibration) AS TABLE
WITH fitted AS (
    SELECT coefficients FROM calibrations WHERE calibration_id = calibration
),
log_odds AS (
    SELECT
        hit.query_id,
        list_inner_product(
            fitted.coefficients,
            hit_terms(hit.score, hit.score_gap, hit.n_candidate_analytes, hit.matched_peaks, spectra.n_peaks, hit.ppm_error)
        ) AS value
    FROM query_table(found) AS hit
    INNER JOIN spectra ON spectra.spectrum_id = hit.query_id
    CROSS JOIN fitted
    WHERE hit.rank = 1
)
SELECT query_id, 1 / (1 + exp(-value)) AS probability
FROM log_odds;
COMMENT ON MACRO TABLE hit_probability IS 'The probability that each first hit of a search is right, by a calibration: query_id, probability';
