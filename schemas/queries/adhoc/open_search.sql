-- The spectra of a library most similar to spectra at hand, whatever their precursor.
-- Inputs: adhoc_queries (id, precursor_mz, ion_mode, embedding), vectors.<library>__<model>, annotations, spectra.
-- Parameters: $library, $model, $k. Columns: as selected.
SELECT
    query_id,
    rank,
    entry.analyte_id,
    entry.name,
    entry.analyte_name,
    entry.formula,
    entry.smiles,
    entry.adduct,
    score,
    mz_difference,
    library_id AS library_spectrum_id,
    spectra.native_id AS library_native_id,
    spectra.precursor_mz AS library_precursor_mz,
    spectra.precursor_source
FROM nearest('adhoc_queries', 'vectors.' || $library || '__' || $model, k := $k) AS ranked
INNER JOIN spectra ON spectra.spectrum_id = library_id
INNER JOIN annotations AS entry ON entry.spectrum_id = library_id
ORDER BY query_id, rank;
