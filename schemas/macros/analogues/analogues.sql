-- What an open search found, with how alike to expect it to be. An analogue is a hint at a structure, no
-- identification.
-- Inputs: hits, searches, spectra, annotations, expected_tanimoto, known_search.
-- Parameters: search: a search_id, of a search without precursor filter.
-- Columns: query_id, rank, analyte_id, name, formula, smiles, score, expected_tanimoto (NULL where the search was not
--   by a model whose card tells it, nor by the method analogue as it is without other settings), mz_difference (m/z of
--   the library spectrum's precursor minus the query's), matched_peaks, library_spectrum_id. No rows for a search
--   within a precursor window; an error where there is no such search, which is asked by itself, as what finds nothing
--   would never ask.
CREATE OR REPLACE MACRO analogues(search) AS TABLE
WITH analogues_search AS MATERIALIZED (
    SELECT known_search(search) AS search_id
)

SELECT
    hits.query_id,
    hits.rank,
    hits.analyte_id,
    entry.name,
    entry.formula,
    entry.smiles,
    hits.score,
    CASE
        WHEN searches.method = 'embedding'
            THEN expected_tanimoto(searches.model, query.ion_mode, hits.rank, hits.score)
        -- Scores by other settings are others.
        WHEN searches.method = 'analogue'
            AND json_contains(
                searches.settings,
                '{"weight": 0.2, "peak_method": "modified_cosine", "tolerance_da": 0.01, "mz_power": 0.0, '
                '"intensity_power": 0.5, "least_matches": 4, "consensus": 0.2}'
            )
            THEN expected_tanimoto(searches.model, query.ion_mode, hits.rank, hits.score, by_method := 'analogue')
    END AS expected_tanimoto,
    hits.ppm_error * coalesce(query.precursor_mz_stated, query.precursor_mz) * 1e-6 AS mz_difference,
    hits.matched_peaks,
    hits.library_spectrum_id
FROM hits
INNER JOIN analogues_search AS asked ON asked.search_id = hits.search_id
INNER JOIN searches ON searches.search_id = hits.search_id
INNER JOIN spectra AS query ON query.spectrum_id = hits.query_id
INNER JOIN annotations AS entry ON entry.spectrum_id = hits.library_spectrum_id
WHERE searches.ppm IS NULL
ORDER BY hits.query_id, hits.rank;
COMMENT ON MACRO TABLE analogues IS
    'Answers of an open search with the Tanimoto similarity to expect of each: hints, no identifications';
