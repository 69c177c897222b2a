-- One candidate of one query of a search: what both spectra are, and how alike.
-- Inputs: hits, searches, spectra, annotations. Parameters: $query: spectrum_id as text, native_id, or run/native_id;
--   $search, a search_id (NULL: the last in which the query has a candidate); $rank.
-- Columns: one row; several where several queries are called so, and none where there is no such candidate.
WITH asked AS (
    SELECT
        searches.search_id,
        searches.method,
        searches.model,
        searches.ppm AS window_ppm,
        searches.fragment_tolerance_da,
        hits.* EXCLUDE (search_id)
    FROM hits
    INNER JOIN searches USING (search_id)
    INNER JOIN spectra AS q ON q.spectrum_id = hits.query_id
    WHERE hits.rank = $rank
        AND (searches.search_id = $search OR $search IS NULL)
        AND (
            q.spectrum_id::VARCHAR = $query
            OR q.native_id = $query
            OR ends_with('/' || q.run_id || '/' || q.native_id, '/' || $query)
        )
    QUALIFY row_number() OVER (PARTITION BY hits.query_id ORDER BY searches.finished DESC, searches.search_id) = 1
)
SELECT
    asked.search_id,
    asked.method,
    asked.model,
    asked.window_ppm,
    asked.fragment_tolerance_da,
    asked.query_id,
    q.run_id,
    q.native_id,
    query_entry.name AS query_name,
    query_entry.smiles AS query_smiles,
    q.adduct AS query_adduct,
    coalesce(q.precursor_mz_stated, q.precursor_mz) AS query_mz,
    q.collision_energy AS query_collision_energy,
    asked.rank,
    asked.analyte_id,
    entry.name,
    entry.formula,
    entry.smiles,
    asked.library_spectrum_id,
    l.native_id AS library_native_id,
    l.adduct,
    l.precursor_mz AS library_mz,
    l.collision_energy,
    asked.score::DOUBLE AS score,
    asked.matched_peaks,
    asked.ppm_error,
    asked.probability,
    asked.n_candidate_analytes
FROM asked
INNER JOIN spectra AS q ON q.spectrum_id = asked.query_id
INNER JOIN spectra AS l ON l.spectrum_id = asked.library_spectrum_id
INNER JOIN annotations AS query_entry ON query_entry.spectrum_id = asked.query_id
INNER JOIN annotations AS entry ON entry.spectrum_id = asked.library_spectrum_id
ORDER BY q.run_id, q.native_id, asked.query_id;
