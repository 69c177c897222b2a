-- The answers of one search that pass filters, sorted, a page at a time. A filter that is NULL lets all pass.
-- Inputs: identifications. Parameters: $search; $run, a run_id; $text, a part of name, formula, InChIKey, adduct
--   or native_id, in any case; $confident, whether to show only confident answers; $least_score;
--   $least_probability; $sort, one of the columns below (others: the best answers first); $direction, 1 upwards or
--   -1 downwards; $limit (NULL: all), $offset.
-- Columns: native_id, run (NULL: not of a run), precursor_mz, name, formula, adduct, score, probability, q_value,
--   matched_peaks, ppm_error, n_candidate_analytes, ambiguous, confident, analyte_id, smiles, inchikey, run_id,
--   query_id, library_spectrum_id; n_all, how many there are on all pages.
SELECT
    found.native_id,
    runs.name AS run,
    found.precursor_mz,
    found.name,
    found.formula,
    found.adduct,
    found.score,
    found.probability,
    found.q_value,
    found.matched_peaks,
    found.ppm_error,
    found.n_candidate_analytes,
    found.ambiguous,
    found.confident,
    found.analyte_id,
    found.smiles,
    found.inchikey,
    found.run_id,
    found.query_id::VARCHAR AS query_id,
    found.library_spectrum_id::VARCHAR AS library_spectrum_id,
    count(*) OVER () AS n_all
FROM identifications AS found
LEFT JOIN runs ON runs.run_id = found.run_id
WHERE found.search_id = $search
    AND ($run::VARCHAR IS NULL OR found.run_id = $run::VARCHAR)
    AND (
        $text::VARCHAR IS NULL
        OR contains(
            lower(concat_ws(chr(10), found.name, found.formula, found.inchikey, found.adduct, found.native_id)),
            lower($text::VARCHAR)
        )
    )
    AND (NOT coalesce($confident::BOOLEAN, false) OR found.confident)
    AND ($least_score::DOUBLE IS NULL OR found.score >= $least_score::DOUBLE)
    AND ($least_probability::DOUBLE IS NULL OR found.probability >= $least_probability::DOUBLE)
ORDER BY
    $direction::DOUBLE * CASE $sort::VARCHAR
        WHEN 'precursor_mz' THEN found.precursor_mz
        WHEN 'score' THEN found.score
        WHEN 'probability' THEN found.probability
        WHEN 'q_value' THEN found.q_value
        WHEN 'matched_peaks' THEN found.matched_peaks
        WHEN 'ppm_error' THEN found.ppm_error
        WHEN 'n_candidate_analytes' THEN found.n_candidate_analytes
    END NULLS LAST,
    CASE
        WHEN $direction::DOUBLE > 0
            THEN CASE $sort::VARCHAR
                WHEN 'name' THEN lower(found.name)
                WHEN 'formula' THEN found.formula
                WHEN 'adduct' THEN found.adduct
                WHEN 'native_id' THEN found.native_id
                WHEN 'run' THEN runs.name
            END
    END NULLS LAST,
    CASE $sort::VARCHAR
        WHEN 'name' THEN lower(found.name)
        WHEN 'formula' THEN found.formula
        WHEN 'adduct' THEN found.adduct
        WHEN 'native_id' THEN found.native_id
        WHEN 'run' THEN runs.name
    END DESC NULLS LAST,
    found.probability DESC NULLS LAST,
    found.score DESC,
    found.query_id
LIMIT $limit::BIGINT
OFFSET $offset::BIGINT;
