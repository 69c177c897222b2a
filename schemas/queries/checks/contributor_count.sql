-- Of how many contributors the annotated spectra of a collection are; spectra that name none count as of one.
-- Inputs: spectra. Parameters: $collection. Columns: n_contributors, a_contributor (one of their names; NULL where none
--   is named).
SELECT
    count(DISTINCT contributor) + coalesce(max((contributor IS NULL)::INTEGER), 0) AS n_contributors,
    min(contributor) AS a_contributor
FROM spectra
WHERE collection = $collection AND analyte_id IS NOT NULL;
