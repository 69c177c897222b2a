-- Find anew which spectra duplicate another one, as spectrum_keys.sql does, among those like one that came or went.
-- Inputs: spectra, other_spectra. Parameters: none. Columns: duplicate_of of spectra.
UPDATE spectra
SET duplicate_of = found.duplicate_of
FROM (
    SELECT
        spectrum_id,
        nullif(
            min(spectrum_id) OVER (PARTITION BY collection, peaks_hash, round(precursor_mz, 4), analyte_id),
            spectrum_id
        ) AS duplicate_of
    FROM spectra
    SEMI JOIN (SELECT DISTINCT collection, peaks_hash FROM other_spectra) AS touched USING (collection, peaks_hash)
) AS found
WHERE spectra.spectrum_id = found.spectrum_id AND spectra.duplicate_of IS DISTINCT FROM found.duplicate_of;
