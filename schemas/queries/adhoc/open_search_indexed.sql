-- The spectra of a library most similar to spectra at hand, whatever their precursor, from those that a vector index
-- found.
-- Inputs: nearest_pairs (query_id, library_id, score), registered by the program; adhoc_queries (id, precursor_mz),
--   annotations, spectra.
-- Parameters: $k. Columns: those of queries/adhoc/open_search; ties go to the smaller library_spectrum_id.
SELECT
    query_id,
    row_number() OVER (PARTITION BY query_id ORDER BY score DESC, library_id)::INTEGER AS rank,
    entry.analyte_id,
    entry.name,
    entry.analyte_name,
    entry.formula,
    entry.smiles,
    entry.adduct,
    score,
    spectra.precursor_mz - q.precursor_mz AS mz_difference,
    library_id AS library_spectrum_id,
    spectra.native_id AS library_native_id,
    spectra.precursor_mz AS library_precursor_mz,
    spectra.precursor_source
FROM nearest_pairs
INNER JOIN adhoc_queries AS q ON q.id = query_id
INNER JOIN spectra ON spectra.spectrum_id = library_id
INNER JOIN annotations AS entry ON entry.spectrum_id = library_id
QUALIFY rank <= $k
ORDER BY query_id, rank;
