-- What each collection covers: the tile "Coverage" of the dashboard.
-- Inputs: library_coverage, studies. Parameters: none.
-- Columns: collection, kind (library or study), ion_mode, instrument_type ("not stated" where the records do not),
--   n_spectra, n_analytes (different ones in this row; an analyte may be in several), n_duplicates.
SELECT
    c.collection,
    CASE WHEN s.name IS NULL THEN 'library' ELSE 'study' END AS kind,
    coalesce(c.ion_mode, 'not stated') AS ion_mode,
    coalesce(c.instrument_type, 'not stated') AS instrument_type,
    c.n_spectra,
    c.n_analytes,
    c.n_duplicates
FROM library_coverage AS c
LEFT JOIN studies AS s ON s.name = c.collection
ORDER BY kind, c.collection, c.n_spectra DESC, ion_mode, instrument_type;
