-- One row for each family of a network: how large it is, and what its spectra are known to be.
--
-- Inputs: two relations, given by name: families, as network_families gives them; known, with (spectrum_id,
--   analyte_id, name), as known_spectra gives them; spectra.
-- Parameters: families, known: names of the relations.
-- Columns: family_id, n_spectra, n_known (spectra of which something is known), n_analytes (different ones), name (the
--   commonest among them, ties by the alphabet; NULL where nothing is known), names (all, the commonest first, at most
--   five), lowest_mz, highest_mz (of the precursors). Largest first.
CREATE OR REPLACE MACRO family_summary(families, known) AS TABLE
WITH members AS (
    SELECT f.family_id, f.spectrum_id, s.precursor_mz, k.analyte_id, k.name
    FROM query_table(families) AS f
    INNER JOIN spectra AS s ON s.spectrum_id = f.spectrum_id
    LEFT JOIN query_table(known) AS k ON k.spectrum_id = f.spectrum_id
),
named AS (
    SELECT family_id, list(name ORDER BY n DESC, name)[1:5] AS names
    FROM (
        SELECT family_id, min(name) AS name, count(*) AS n
        FROM members
        WHERE analyte_id IS NOT NULL AND name IS NOT NULL
        GROUP BY family_id, analyte_id
    )
    GROUP BY family_id
)
SELECT
    family_id,
    count(*) AS n_spectra,
    count(analyte_id) AS n_known,
    count(DISTINCT analyte_id) AS n_analytes,
    first(names)[1] AS name,
    first(names) AS names,
    min(precursor_mz) AS lowest_mz,
    max(precursor_mz) AS highest_mz
FROM members
LEFT JOIN named USING (family_id)
GROUP BY family_id
ORDER BY n_spectra DESC, family_id;
COMMENT ON MACRO TABLE family_summary IS
    'The families of networks with what they are known to be: family_id, n_spectra, n_known, n_analytes, name (the '
    'commonest), names, lowest_mz, highest_mz';
