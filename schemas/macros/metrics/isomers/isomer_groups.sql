-- Constitutional isomers that the data hold: analytes of one formula, with enough spectra each.
--
-- Inputs: spectra, analytes, analyte_names.
-- Parameters: min_analytes: least number of isomers; min_spectra: least number of spectra of each; in_collection: count
--   the spectra of this library or study only (NULL: of all).
-- Columns: formula, n_analytes, analyte_id, name (in that library; otherwise the commonest), n_spectra: one row per
--   member. Stereoisomers are one analyte.
CREATE OR REPLACE MACRO isomer_groups(min_analytes := 2, min_spectra := 1, in_collection := NULL) AS TABLE
WITH members AS (
    SELECT analyte_id, count(*) AS n_spectra
    FROM spectra
    WHERE analyte_id IS NOT NULL AND collection = coalesce(in_collection, collection)
    GROUP BY analyte_id
)
SELECT
    analytes.formula,
    count(*) OVER (PARTITION BY analytes.formula) AS n_analytes,
    analyte_id,
    coalesce(called.name, analytes.name) AS name,
    members.n_spectra
FROM members
INNER JOIN analytes USING (analyte_id)
LEFT JOIN (SELECT * FROM analyte_names WHERE collection = in_collection AND place = 1) AS called USING (analyte_id)
WHERE analytes.formula IS NOT NULL AND members.n_spectra >= min_spectra
QUALIFY n_analytes >= min_analytes
ORDER BY analytes.formula, analyte_id;
COMMENT ON MACRO TABLE isomer_groups IS 'Groups of constitutional isomers with enough members and spectra';
