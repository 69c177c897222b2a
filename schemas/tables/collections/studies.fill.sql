-- Fill studies, those with a finished import, with the counts of their spectra.
-- Inputs: record_studies, spectra, imports. Parameters: none. Columns: of studies.
INSERT INTO studies BY NAME
SELECT
    record_studies.*,
    count(spectra.spectrum_id) AS n_spectra,
    count(DISTINCT spectra.analyte_id) AS n_analytes,
    count(spectra.duplicate_of) AS n_duplicates
FROM record_studies
LEFT JOIN spectra ON spectra.collection = record_studies.name
WHERE record_studies.name IN (SELECT collection FROM imports WHERE kind = 'study')
GROUP BY ALL
ORDER BY name;
