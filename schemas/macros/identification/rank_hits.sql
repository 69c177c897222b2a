-- The hits of an identification, from its scored pairs: the k best analytes of each query, with their matched peaks.
--
-- Inputs: a relation, given by name, with (query_id, library_id, analyte_id, score, ppm_error), where ids are
--   spectrum_ids; spectra.
-- Parameters: pairs: name of the relation; k: analytes per query; fragment_tolerance_da: tolerance in Da for counting
--   matched peaks.
-- Columns: query_id, rank, analyte_id, library_spectrum_id, score, matched_peaks, ppm_error, n_candidate_analytes,
--   score_gap. Ties go to the smaller analyte_id, then to the smaller library_spectrum_id.
CREATE OR REPLACE MACRO rank_hits(pairs, k := 10, fragment_tolerance_da := 0.01) AS TABLE
WITH ranked AS MATERIALIZED (
    SELECT
        query_id,
        rank,
        analyte_id,
        library_id AS library_spectrum_id,
        score,
        ppm_error,
        n_candidate_analytes,
        score_gap
    FROM rank_pairs(pairs, k := k)
),
-- Peaks are paired as precursors are: an equi-join on bins one tolerance wide, then the exact test.
query_peaks AS (
    SELECT query_id, library_spectrum_id, mz, unnest([bin - 1, bin, bin + 1]) AS bin
    FROM (
        SELECT query_id, library_spectrum_id, mz, floor(mz / fragment_tolerance_da)::BIGINT AS bin
        FROM (
            SELECT query_id, library_spectrum_id, unnest(spectra.mz) AS mz
            FROM ranked
            INNER JOIN spectra ON spectra.spectrum_id = query_id
        )
    )
),
library_peaks AS (
    SELECT query_id, library_spectrum_id, mz, floor(mz / fragment_tolerance_da)::BIGINT AS bin
    FROM (
        SELECT query_id, library_spectrum_id, unnest(spectra.mz) AS mz
        FROM ranked
        INNER JOIN spectra ON spectra.spectrum_id = library_spectrum_id
    )
),
matched AS (
    SELECT query_id, library_spectrum_id, count(DISTINCT q.mz)::INTEGER AS matched_peaks
    FROM query_peaks AS q
    INNER JOIN library_peaks AS l USING (query_id, library_spectrum_id, bin)
    WHERE abs(l.mz - q.mz) <= fragment_tolerance_da
    GROUP BY query_id, library_spectrum_id
)
SELECT
    query_id, rank, analyte_id, library_spectrum_id, score, coalesce(matched_peaks, 0) AS matched_peaks, ppm_error,
    n_candidate_analytes, score_gap
FROM ranked
LEFT JOIN matched USING (query_id, library_spectrum_id)
ORDER BY query_id, rank;
COMMENT ON MACRO TABLE rank_hits IS
    'Internal: the k best analytes of each query among scored pairs, with matched peaks: the columns of hits';
