-- The spectra of a library most similar to spectra at hand, whatever their precursor.
-- Inputs: adhoc_queries (id, precursor_mz, ion_mode, embedding), vectors.{library}__{model}, analytes, spectra.
-- Parameters: {library}, {model}; $k. Columns: as selected.
SELECT
    query_id,
    rank,
    spectra.analyte_id,
    analytes.name,
    analytes.formula,
    analytes.smiles,
    spectra.adduct,
    score,
    mz_difference,
    library_id AS library_spectrum_id,
    spectra.native_id AS library_native_id,
    spectra.precursor_mz AS library_precursor_mz,
    spectra.precursor_source
FROM nearest('adhoc_queries', 'vectors.{library}__{model}', k := $k) AS ranked
INNER JOIN spectra ON spectra.spectrum_id = library_id
LEFT JOIN analytes ON analytes.analyte_id = spectra.analyte_id
ORDER BY query_id, rank;
