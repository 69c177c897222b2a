-- Every candidate of one query in one search, with what both spectra are.
-- Inputs: candidates, searches, spectra, annotations. Parameters: $search; $query, a spectrum_id as text.
-- Columns: rank, name, formula, smiles, inchikey, analyte_id, adduct, score, probability, q_value, matched_peaks,
--   ppm_error, library_native_id, library_spectrum_id (text), library_mz, library_energy, library_instrument,
--   contributor; of the query native_id, query_mz, query_adduct, query_energy, query_instrument, retention_time_s,
--   query_name, query_smiles; fragment_tolerance_da of the search. NULL where not stated.
SELECT
    c.rank,
    c.name,
    c.formula,
    c.smiles,
    c.inchikey,
    c.analyte_id,
    c.adduct,
    c.score,
    c.probability,
    c.q_value,
    c.matched_peaks,
    c.ppm_error,
    c.library_native_id,
    c.library_spectrum_id::VARCHAR AS library_spectrum_id,
    c.library_precursor_mz AS library_mz,
    l.collision_energy AS library_energy,
    l.instrument AS library_instrument,
    l.contributor,
    c.native_id,
    c.precursor_mz AS query_mz,
    c.query_adduct,
    q.collision_energy AS query_energy,
    q.instrument AS query_instrument,
    c.retention_time_s,
    own.name AS query_name,
    own.smiles AS query_smiles,
    searches.fragment_tolerance_da
FROM candidates AS c
INNER JOIN searches ON searches.search_id = c.search_id
INNER JOIN spectra AS q ON q.spectrum_id = c.query_id
INNER JOIN spectra AS l ON l.spectrum_id = c.library_spectrum_id
INNER JOIN annotations AS own ON own.spectrum_id = c.query_id
WHERE c.search_id = $search AND c.query_id = $query::BIGINT
ORDER BY c.rank;
