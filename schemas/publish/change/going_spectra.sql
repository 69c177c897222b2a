-- The published spectra that are taken out: those of parts of the record that changed, which come again as they are
-- now, and those that the record has no more.
-- Inputs: spectra, coming_spectra, record_spectrum_ids (spectrum_id of all that the record has). Parameters: none.
-- Columns: spectrum_id.
CREATE OR REPLACE TEMP TABLE going_spectra AS
SELECT spectrum_id
FROM spectra
WHERE spectrum_id IN (SELECT spectrum_id FROM coming_spectra)
    OR spectrum_id NOT IN (SELECT spectrum_id FROM record_spectrum_ids);
