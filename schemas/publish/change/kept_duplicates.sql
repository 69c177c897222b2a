-- Of which spectra those that come again as they were are duplicates.
-- Inputs: spectra, going_spectra. Parameters: none. Columns: spectrum_id, duplicate_of (NULL for none).
CREATE OR REPLACE TEMP TABLE spectrum_keys AS
SELECT spectrum_id, spectra.duplicate_of
FROM coming_spectra
LEFT JOIN spectra USING (spectrum_id)
WHERE is_finished;
