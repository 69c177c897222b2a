-- Fill runs with those of finished imports and the counts of their spectra.
-- Inputs: record_runs, imports, spectra. Parameters: none. Columns: of runs.
INSERT INTO runs BY NAME
SELECT record_runs.*, count(spectra.spectrum_id) AS n_spectra
FROM record_runs
LEFT JOIN spectra USING (run_id)
WHERE record_runs.import_id IN (SELECT import_id FROM imports)
GROUP BY ALL
ORDER BY run_id;
