-- The published spectra that are taken out where the record lost none: those of its parts that changed, which come
-- again.
-- Inputs: spectra, coming_spectra. Parameters: none. Columns: spectrum_id.
CREATE OR REPLACE TEMP TABLE going_spectra AS
SELECT spectrum_id
FROM spectra
SEMI JOIN coming_spectra USING (spectrum_id);
