-- What the spectra that stand for clusters say beside their peaks: medians of the members, and what these agree in.
-- Inputs: spectra; grouped_spectra (group_place, spectrum_id, is_best), registered by the caller. Parameters: none.
-- Columns: native_id (run and native_id of the best member),
--   precursor_mz (m/z), ms_level, charge, ion_mode, adduct, collision_energy,
--   collision_energy_ev, collision_energy_nce, instrument, instrument_type, contributor, source_license,
--   retention_time_s, feature_id, ion_mobility, ccs; one row per group, in the order of group_place.
SELECT
    max(concat_ws(':', substr(run_id, length(collection) + 2), native_id)) FILTER (WHERE is_best) AS native_id,
    median(coalesce(precursor_mz_stated, precursor_mz)) AS precursor_mz,
    max(ms_level) FILTER (WHERE is_best) AS ms_level,
    common_value(charge) AS charge,
    min(ion_mode) AS ion_mode,
    common_value(adduct) AS adduct,
    common_value(collision_energy) AS collision_energy,
    common_value(collision_energy_ev) AS collision_energy_ev,
    common_value(collision_energy_nce) AS collision_energy_nce,
    common_value(instrument) AS instrument,
    common_value(instrument_type) AS instrument_type,
    common_value(contributor) AS contributor,
    common_value(source_license) AS source_license,
    median(retention_time_s) AS retention_time_s,
    common_value(feature_id) AS feature_id,
    median(ion_mobility) AS ion_mobility,
    median(ccs) AS ccs
FROM grouped_spectra
INNER JOIN spectra USING (spectrum_id)
GROUP BY group_place
ORDER BY group_place;
