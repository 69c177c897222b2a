-- Fill libraries, those with a finished import, with the counts of their spectra.
-- Inputs: record_libraries, spectra, imports. Parameters: none. Columns: of libraries.
INSERT INTO libraries BY NAME
SELECT
    record_libraries.*,
    count(spectra.spectrum_id) AS n_spectra,
    count(DISTINCT spectra.analyte_id) AS n_analytes,
    count(spectra.duplicate_of) AS n_duplicates
FROM record_libraries
LEFT JOIN spectra ON spectra.collection = record_libraries.name
WHERE record_libraries.name IN (SELECT collection FROM imports WHERE kind = 'library')
GROUP BY ALL
ORDER BY name;
