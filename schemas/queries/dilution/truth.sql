-- The analytes that a file says are in the samples.
-- Inputs: a file that DuckDB reads, with the column analyte_id or inchikey; analytes, structures. Parameters: $file,
--   its path.
-- Columns: stated (the text in the file), analyte_id (as in the lab; NULL where the text is neither an analyte_id nor
-- an InChIKey). An analyte_id stands as it is. A whole InChIKey is that of a structure of the lab or, as where a
-- library states nothing but keys, of the unlabelled form in the protonation that its last letter tells; labelled forms
-- share the first block, which alone means the unlabelled, neutral one.
WITH named AS (
    SELECT DISTINCT regexp_replace(trim(coalesce(analyte_id, inchikey)), '^InChIKey=', '') AS stated
    FROM (
        SELECT NULL::VARCHAR AS analyte_id, NULL::VARCHAR AS inchikey WHERE false
        UNION ALL BY NAME
        FROM query_table('"' || $file || '"')
    )
    WHERE trim(coalesce(analyte_id, inchikey)) <> ''
),
of_keys AS (
    SELECT inchikey, min(analyte_id) AS analyte_id
    FROM structures
    WHERE inchikey IS NOT NULL
    GROUP BY inchikey
    HAVING count(DISTINCT analyte_id) = 1
)
SELECT
    named.stated,
    CASE
        WHEN analytes.analyte_id IS NOT NULL THEN analytes.analyte_id
        WHEN of_keys.analyte_id IS NOT NULL THEN of_keys.analyte_id
        WHEN regexp_full_match(named.stated, '[A-Z]{14}-[A-Z]{10}-[A-Z]')
            THEN concat_ws('-', left(named.stated, 14), nullif(right(named.stated, 1), 'N'))
        WHEN regexp_full_match(named.stated, '[A-Z]{14}(-(UHFFFAOY|[A-Z]{9,10})-?)?') THEN left(named.stated, 14)
        WHEN regexp_full_match(named.stated, '[A-Z]{14}(-[A-Za-z0-9]+)+|name:[0-9a-f]{16}') THEN named.stated
    END AS analyte_id
FROM named
LEFT JOIN analytes ON analytes.analyte_id = named.stated
LEFT JOIN of_keys ON of_keys.inchikey = named.stated
ORDER BY named.stated;
