-- Identify spectra at hand by a score of peaks, without storing anything: the k best analytes of each, with their names.
-- Inputs: adhoc_queries (id, precursor_mz, ion_mode), spectra, analytes; peak_score(query_id, library_id), registered for the search.
-- Parameters: {library}; $ppm, $k. Columns: as selected.
WITH adhoc_library AS (
    FROM collection_spectra('{library}')
),
adhoc_pairs AS (
    SELECT query_id, library_id, library_analyte_id AS analyte_id, peak_score(query_id, library_id) AS score, ppm_error
    FROM precursor_pairs('adhoc_queries', 'adhoc_library', ppm := $ppm)
    WHERE library_analyte_id IS NOT NULL
)
SELECT
    query_id,
    rank,
    ranked.analyte_id,
    analytes.name,
    analytes.formula,
    analytes.smiles,
    spectra.adduct,
    score,
    score_gap,
    ppm_error,
    n_candidate_analytes,
    library_id AS library_spectrum_id,
    spectra.native_id AS library_native_id,
    spectra.precursor_mz AS library_precursor_mz,
    spectra.precursor_source
FROM rank_pairs('adhoc_pairs', k := $k) AS ranked
INNER JOIN spectra ON spectra.spectrum_id = library_id
LEFT JOIN analytes ON analytes.analyte_id = ranked.analyte_id
ORDER BY query_id, rank;
