-- How many spectra, of how many laboratories, a library has of the analytes that queries were identified as.
--
-- Inputs: a relation, given by name, with (query_id, analyte_id), as hits have; spectra.
-- Parameters: found: name of the relation; library_name: name of the library; left_out: as for candidate_pairs.
-- Columns: query_id, analyte_id, library_spectra, library_contributors: of the query's ion mode; where contributors
--   were left out, without the query's own. Spectra whose contributor is unknown count as of one contributor.
CREATE OR REPLACE MACRO library_support(found, library_name, left_out := NULL) AS TABLE
WITH asked AS (
    SELECT DISTINCT hit.query_id, hit.analyte_id, q.ion_mode AS ion_mode, q.contributor AS contributor
    FROM query_table(found) AS hit
    INNER JOIN spectra AS q ON q.spectrum_id = hit.query_id
),
there AS (
    SELECT analyte_id, ion_mode, contributor, count(*) AS n_spectra
    FROM spectra SEMI JOIN asked USING (analyte_id)
    WHERE collection = library_name
    GROUP BY analyte_id, ion_mode, contributor
)
SELECT
    asked.query_id,
    asked.analyte_id,
    coalesce(sum(n_spectra), 0)::INTEGER AS library_spectra,
    count(n_spectra)::INTEGER AS library_contributors
FROM asked
LEFT JOIN there
    ON there.analyte_id = asked.analyte_id
    AND there.ion_mode = asked.ion_mode
    AND (left_out IS DISTINCT FROM 'contributor' OR there.contributor IS DISTINCT FROM asked.contributor)
GROUP BY asked.query_id, asked.analyte_id;
COMMENT ON MACRO TABLE library_support IS
    'Internal: spectra and contributors that a library has of the analyte of each hit: query_id, analyte_id, '
    'library_spectra, library_contributors';
