-- What two or three searches find alike: the counts of a Venn diagram (the paper's Figure 13).
--
-- Inputs: calls.
-- Parameters: search_a, search_b, search_c (NULL: only two): search_ids; unit: query (right first hits) or analyte
--   (right analytes); threshold_a, threshold_b, threshold_c: lowest scores that count (NULL: any); truth: a relation as
--   for calls.
-- Columns: in_a, in_b, in_c, n: one row for each combination that occurs.
CREATE OR REPLACE MACRO overlap(
    search_a,
    search_b,
    search_c := NULL,
    unit := 'query',
    threshold_a := NULL,
    threshold_b := NULL,
    threshold_c := NULL,
    truth := 'known_analytes'
) AS TABLE
WITH found AS (
    SELECT item, 1 AS search_number
    FROM calls(search_a, unit := unit, truth := truth)
    WHERE is_true AND score >= coalesce(threshold_a::FLOAT, score)
    UNION ALL
    SELECT item, 2
    FROM calls(search_b, unit := unit, truth := truth)
    WHERE is_true AND score >= coalesce(threshold_b::FLOAT, score)
    UNION ALL
    SELECT item, 3
    FROM calls(search_c, unit := unit, truth := truth)
    WHERE is_true AND score >= coalesce(threshold_c::FLOAT, score)
),
items AS (
    SELECT
        item,
        bool_or(search_number = 1) AS in_a,
        bool_or(search_number = 2) AS in_b,
        bool_or(search_number = 3) AS in_c
    FROM found
    GROUP BY item
)
SELECT in_a, in_b, in_c, count(*) AS n
FROM items
GROUP BY ALL
ORDER BY in_a DESC, in_b DESC, in_c DESC;
COMMENT ON MACRO TABLE overlap IS
    'How many right identifications two or three searches share: the counts of a Venn diagram';
