-- Which version of the record's spectra is published.
-- Inputs: publications. Parameters: none. Columns: record_version.
SELECT (sources -> 'versions' ->> 'spectra')::BIGINT AS record_version
FROM publications
WHERE table_name = 'spectra';
