-- How much of chemistry each collection covers: spectra and analytes by ion mode and instrument type.
-- Inputs: spectra. Parameters: none. Columns: collection, ion_mode, instrument_type, n_spectra, n_analytes, n_duplicates.
CREATE OR REPLACE VIEW library_coverage AS
SELECT
    collection,
    ion_mode,
    instrument_type,
    count(*) AS n_spectra,
    count(DISTINCT analyte_id) AS n_analytes,
    count(duplicate_of) AS n_duplicates
FROM spectra
GROUP BY collection, ion_mode, instrument_type;
COMMENT ON VIEW library_coverage IS 'Spectra, analytes and duplicates of each collection by ion mode and instrument type';
