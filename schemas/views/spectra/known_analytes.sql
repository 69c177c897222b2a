-- What each spectrum is known to be, by its own annotation: the truth that metrics compare with unless told otherwise.
-- Inputs: spectra. Parameters: none. Columns: query_id, analyte_id.
CREATE OR REPLACE VIEW known_analytes AS
SELECT spectrum_id AS query_id, analyte_id
FROM spectra
WHERE analyte_id IS NOT NULL;
COMMENT ON VIEW known_analytes IS 'The analyte of every annotated spectrum: the truth that metrics use by default';
COMMENT ON COLUMN known_analytes.query_id IS 'spectrum_id of the spectrum';
COMMENT ON COLUMN known_analytes.analyte_id IS 'What it is';
