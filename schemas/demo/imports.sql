-- What the imports kept, dropped and changed, and why.
--
-- Inputs: import_summary. Parameters: none. Columns: as selected; n counts spectra.
SELECT collection, outcome, reason, n, n_files
FROM import_summary
ORDER BY collection, outcome, reason;
