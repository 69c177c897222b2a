-- How much of chemistry each collection covers: spectra and analytes by ion mode and instrument type.
-- Inputs: spectra. Parameters: none. Columns: collection, ion_mode, instrument_type, n_spectra, n_analytes,
--   n_duplicates.
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
COMMENT ON VIEW library_coverage IS
    'Spectra, analytes and duplicates of each collection by ion mode and instrument type';
COMMENT ON COLUMN library_coverage.collection IS 'Name of the library or study';
COMMENT ON COLUMN library_coverage.n_spectra IS 'Number of spectra';
COMMENT ON COLUMN library_coverage.n_analytes IS 'Number of distinct analytes';
COMMENT ON COLUMN library_coverage.n_duplicates IS 'Number of spectra that duplicate another of the collection';
COMMENT ON COLUMN library_coverage.ion_mode IS 'Ion mode: positive or negative';
COMMENT ON COLUMN library_coverage.instrument_type IS
    'Kind of instrument, as the records state it; NULL where they do not';
