-- Identify spectra at hand, without storing anything: the k best analytes of each, with their names.
-- Inputs: adhoc_queries (id, precursor_mz, ion_mode, embedding), vectors.{library}__{model}, analytes, spectra.
-- Parameters: {library}, {model}; $ppm, $k. Columns: as selected.
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
FROM rank_analytes('adhoc_queries', 'vectors.{library}__{model}', ppm := $ppm, k := $k) AS ranked
INNER JOIN spectra ON spectra.spectrum_id = library_id
LEFT JOIN analytes ON analytes.analyte_id = ranked.analyte_id
ORDER BY query_id, rank;
