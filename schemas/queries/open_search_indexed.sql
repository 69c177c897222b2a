-- The spectra of a library most similar to spectra at hand, whatever their precursor, from those that a vector index found.
-- Inputs: nearest_pairs (query_id, library_id, score), registered by the program; adhoc_queries (id, precursor_mz), spectra, analytes.
-- Parameters: $k. Columns: those of queries/open_search; ties go to the smaller library_spectrum_id.
SELECT
    query_id,
    row_number() OVER (PARTITION BY query_id ORDER BY score DESC, library_id)::INTEGER AS rank,
    spectra.analyte_id,
    analytes.name,
    analytes.formula,
    analytes.smiles,
    spectra.adduct,
    score,
    spectra.precursor_mz - q.precursor_mz AS mz_difference,
    library_id AS library_spectrum_id,
    spectra.native_id AS library_native_id,
    spectra.precursor_mz AS library_precursor_mz,
    spectra.precursor_source
FROM nearest_pairs
INNER JOIN adhoc_queries AS q ON q.id = query_id
INNER JOIN spectra ON spectra.spectrum_id = library_id
LEFT JOIN analytes ON analytes.analyte_id = spectra.analyte_id
QUALIFY rank <= $k
ORDER BY query_id, rank;
