-- The terms of the log odds that a first hit is right: what calibrations fit coefficients to.
--
-- Inputs: none.
-- Parameters: score, score_gap (NULL: there was no other candidate), n_candidate_analytes, matched_peaks, ppm_error: those of the hit;
--   n_peaks: of the query.
-- Columns: none; the value is a list of DOUBLE: intercept (1), score (held within 0 to 1) and its square, alone (1 when there is no
--   other candidate, else 0), score_gap (0 when alone), ln(n_candidate_analytes), ln(1 + matched_peaks), ln(1 + n_peaks),
--   abs(ppm_error).
CREATE OR REPLACE MACRO hit_terms(score, score_gap, n_candidate_analytes, matched_peaks, n_peaks, ppm_error) AS [
    1::DOUBLE,
    greatest(least(score, 1), 0)::DOUBLE,
    (greatest(least(score, 1), 0) ** 2)::DOUBLE,
    CASE WHEN score_gap IS NULL THEN 1 ELSE 0 END::DOUBLE,
    coalesce(score_gap, 0)::DOUBLE,
    ln(greatest(n_candidate_analytes, 1))::DOUBLE,
    ln(1 + matched_peaks)::DOUBLE,
    ln(1 + n_peaks)::DOUBLE,
    abs(ppm_error)::DOUBLE
];
COMMENT ON MACRO hit_terms IS
    'Terms of the log odds that a first hit is right, as calibrations name them: score, its square, alone, score_gap, log counts, ppm_error';
