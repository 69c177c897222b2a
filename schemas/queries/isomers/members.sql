-- The accuracy of a search for every member of every group of isomers in its queries.
-- Inputs: isomer_accuracy. Parameters: $search: a search_id; $min_analytes: least number of isomers in a group;
-- $min_spectra: least number of answerable queries of each. Columns: isomer_group (the formula), analyte, name, n
-- (answerable queries), accuracy.
SELECT formula AS isomer_group, analyte_id AS analyte, coalesce(name, analyte_id) AS name, n_answerable AS n, accuracy
FROM isomer_accuracy($search, min_analytes := $min_analytes, min_spectra := $min_spectra)
ORDER BY isomer_group, analyte;
