-- What each molecule adds to the means of what a search for analogues could find: the most alike molecule of the
-- library, and what a random one is like.
-- Inputs: analogues_possible (query_analyte_id, ion_mode, highest_morgan, highest_rdkit, mean_morgan, mean_rdkit).
-- Parameters: none.
-- Columns: method, subset (ion mode), metric, analyte_id, numerator (the value), denominator (1), n (1).
WITH molecules AS (
    SELECT
        ion_mode AS subset,
        query_analyte_id AS analyte_id,
        avg(highest_morgan) AS highest_morgan,
        avg(highest_rdkit) AS highest_rdkit,
        avg(mean_morgan) AS mean_morgan,
        avg(mean_rdkit) AS mean_rdkit
    FROM analogues_possible
    GROUP BY ALL
)
SELECT
    CASE WHEN kind LIKE 'highest%' THEN '(best possible)' ELSE '(random)' END AS method,
    subset,
    'first_' || split_part(kind, '_', 2) AS metric,
    analyte_id,
    amount AS numerator,
    1::DOUBLE AS denominator,
    1 AS n
FROM (UNPIVOT molecules ON highest_morgan, highest_rdkit, mean_morgan, mean_rdkit INTO NAME kind VALUE amount)
ORDER BY method, subset, metric, analyte_id;
