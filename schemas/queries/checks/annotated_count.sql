-- How many spectra a collection has, and how many of them carry an annotation that an answer can be taken from.
-- Inputs: spectra. Parameters: $collection. Columns: n_spectra, n_annotated.
SELECT count(*) AS n_spectra, count(analyte_id) AS n_annotated FROM spectra WHERE collection = $collection;
