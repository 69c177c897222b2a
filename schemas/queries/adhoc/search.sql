-- Identify spectra at hand, without storing anything: the k best analytes of each, each named by the record that it
-- matched.
-- Inputs: adhoc_queries (id, precursor_mz, ion_mode, embedding), vectors.<library>__<model>, annotations, spectra.
-- Parameters: $library, $model, $ppm, $k. Columns: as selected.
SELECT
    query_id,
    rank,
    ranked.analyte_id,
    entry.name,
    entry.analyte_name,
    entry.formula,
    entry.smiles,
    entry.adduct,
    score,
    score_gap,
    ppm_error,
    n_candidate_analytes,
    library_id AS library_spectrum_id,
    spectra.native_id AS library_native_id,
    spectra.precursor_mz AS library_precursor_mz,
    spectra.precursor_source
FROM rank_analytes('adhoc_queries', 'vectors.' || $library || '__' || $model, ppm := $ppm, k := $k) AS ranked
INNER JOIN spectra ON spectra.spectrum_id = library_id
INNER JOIN annotations AS entry ON entry.spectrum_id = library_id
ORDER BY query_id, rank;
