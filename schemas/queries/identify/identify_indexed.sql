-- The hits of one search by embeddings, as identify or identify_merged gives them, by way of a search index and the
-- native extension.
-- Inputs: vectors.<study>__<model>, vectors.<library>__<model>, spectra; the search index of the latter. Parameters:
--   $study, $library, $model, $search_index (path), $fingerprint (of the index), $search_id, $ppm, $k,
--   $fragment_tolerance_da, $contributors, $query_range, the first and the last id, and $query_ids (NULL: all
--   contributors, all queries); $spectra (most of an analyte that are merged). Columns: those of hits up to score_gap.
WITH indexed_queries AS (
    FROM embedded_queries(
        $study,
        model := $model,
        contributors := $contributors::VARCHAR[],
        query_range := $query_range::BIGINT[],
        query_ids := $query_ids::BIGINT[]
    )
)
SELECT
    $search_id AS search_id,
    query_id,
    rank,
    ranked.analyte_id,
    library_id AS library_spectrum_id,
    score,
    native_matched_peaks(q.mz, l.mz, $fragment_tolerance_da::DOUBLE) AS matched_peaks,
    ranked.ppm_error,
    n_candidate_analytes,
    score_gap
FROM rank_analytes_indexed(
    'indexed_queries',
    'vectors.' || $library || '__' || $model,
    $search_index,
    $fingerprint,
    ppm := $ppm,
    k := $k,
    spectra := $spectra
) AS ranked
INNER JOIN spectra AS q ON q.spectrum_id = query_id
INNER JOIN spectra AS l ON l.spectrum_id = library_id
ORDER BY query_id, rank;
