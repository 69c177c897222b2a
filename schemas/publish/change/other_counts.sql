-- How much changes beside vectors: spectra, and those of them that have a structure or an analyte.
-- Inputs: other_spectra. Parameters: none. Columns: n_spectra, n_with_structure.
SELECT
    count(*) AS n_spectra,
    count(*) FILTER (structure_id IS NOT NULL OR analyte_id IS NOT NULL) AS n_with_structure
FROM other_spectra;
