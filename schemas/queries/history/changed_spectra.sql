-- Which spectra of a collection differ between two states of it, as far as a search can tell.
-- Inputs: spectra_before, spectra_now (spectrum_id, native_id, record_hash, peaks_hash, precursor_mz,
--   precursor_mz_stated, ion_mode, analyte_id, contributor, is_compared: whether searches by the model see it).
-- Parameters: none.
-- Columns: spectrum_id, native_id, change ('new', 'changed' or 'gone'; one that gets its vector counts as new), and
--   precursor_mz_before, ion_mode_before, precursor_mz_now, ion_mode_now (NULL where it is not). By native_id.
WITH before AS (
    SELECT * EXCLUDE (is_compared) FROM spectra_before WHERE is_compared
),
now AS (
    SELECT * EXCLUDE (is_compared) FROM spectra_now WHERE is_compared
)
SELECT
    spectrum_id,
    coalesce(now.native_id, before.native_id) AS native_id,
    CASE WHEN before.peaks_hash IS NULL THEN 'new' WHEN now.peaks_hash IS NULL THEN 'gone' ELSE 'changed' END AS change,
    before.precursor_mz AS precursor_mz_before,
    before.ion_mode AS ion_mode_before,
    now.precursor_mz AS precursor_mz_now,
    now.ion_mode AS ion_mode_now
FROM before
FULL JOIN now USING (spectrum_id)
WHERE (before.record_hash, before.peaks_hash, before.precursor_mz, before.precursor_mz_stated)
    IS DISTINCT FROM (now.record_hash, now.peaks_hash, now.precursor_mz, now.precursor_mz_stated)
    OR (before.ion_mode, before.analyte_id, before.contributor)
    IS DISTINCT FROM (now.ion_mode, now.analyte_id, now.contributor)
ORDER BY native_id, spectrum_id;
