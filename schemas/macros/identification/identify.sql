-- Identify the spectra of a study against a library: the k best analytes of each spectrum. An analyte counts by its best spectrum.
--
-- Inputs: vectors.<study>__<model> and vectors.<library>__<model>; spectra (for matched peaks).
-- Parameters: study, library: names of collections; ppm: half-width of the precursor window in ppm; k: analytes per query; model: whose
--   vectors to compare ('default': the lab's default model); fragment_tolerance_da: tolerance in Da for counting matched peaks.
-- Columns: query_id, rank, analyte_id, library_spectrum_id, score, matched_peaks, ppm_error, n_candidate_analytes, score_gap.
--   Ties go to the smaller analyte_id, then to the smaller library_spectrum_id.
CREATE OR REPLACE MACRO identify(
    study, library, ppm := 10.0, k := 10, model := 'default', fragment_tolerance_da := 0.01
) AS TABLE
WITH ranked AS MATERIALIZED (
    SELECT query_id, rank, analyte_id, library_id AS library_spectrum_id, score, ppm_error, n_candidate_analytes, score_gap
    FROM rank_analytes('vectors.' || study || '__' || model, 'vectors.' || library || '__' || model, ppm := ppm, k := k)
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
COMMENT ON MACRO TABLE identify IS
    'The k best analytes of each spectrum of a study: query_id, rank, analyte_id, library_spectrum_id, score, matched_peaks, ppm_error, n_candidate_analytes, score_gap';
