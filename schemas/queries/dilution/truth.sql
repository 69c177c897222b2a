-- The analytes that a file says are in the samples.
-- Inputs: {file}, any file that DuckDB reads, with the column analyte_id or inchikey. Parameters: none besides the path.
-- Columns: analyte_id (first 14 characters of the InChIKey).
SELECT DISTINCT left(coalesce(analyte_id, inchikey), 14) AS analyte_id
FROM (
    SELECT NULL::VARCHAR AS analyte_id, NULL::VARCHAR AS inchikey WHERE false
    UNION ALL BY NAME
    FROM {file}
)
WHERE length(coalesce(analyte_id, inchikey)) >= 14
ORDER BY analyte_id;
