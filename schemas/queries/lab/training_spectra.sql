-- Spectra whose structure is known, for training and evaluating encoders; copies within a collection count once. A name
-- alone does not tell synonyms apart.
-- Inputs: spectra, analytes. Parameters: $collections (names of collections to take; NULL: all).
-- Columns: spectrum_id, mz (m/z, ascending), intensity, precursor_mz (m/z; as stated where it is, for evaluations ask
--          by it), ion_mode, adduct, analyte_id, contributor, source_license, instrument_type, collision_energy_ev
--          (eV), collision_energy_nce (percent), peaks_hash, smiles (of the analyte; NULL: none); sorted by
--          spectrum_id.
SELECT
    spectrum_id,
    mz,
    intensity,
    coalesce(precursor_mz_stated, precursor_mz) AS precursor_mz,
    ion_mode,
    adduct,
    analyte_id,
    contributor,
    source_license,
    instrument_type,
    collision_energy_ev,
    collision_energy_nce,
    peaks_hash,
    analytes.smiles
FROM spectra
LEFT JOIN analytes USING (analyte_id)
WHERE analyte_id IS NOT NULL
    AND NOT starts_with(analyte_id, 'name:')
    AND ms_level = 2
    AND duplicate_of IS NULL
    AND n_peaks > 0
    AND ($collections::VARCHAR[] IS NULL OR list_contains($collections::VARCHAR[], collection))
ORDER BY spectrum_id;
