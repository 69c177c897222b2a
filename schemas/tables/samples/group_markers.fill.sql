-- Fill group_markers with the latest comparison of each kind, and the false discovery rate of each p value by Benjamini
-- and Hochberg: p times the number of tests over its rank (of equal ones the last), made monotonous from the largest p
-- downwards. By rank, not by max: of that the engine makes a second scan, and the record's rows come once.
-- Inputs: record_group_markers. Parameters: none. Columns: of group_markers.
INSERT INTO group_markers BY NAME
WITH latest AS (
    SELECT *
    FROM record_group_markers
    QUALIFY rank() OVER (PARTITION BY study, target, level, codebook ORDER BY created DESC) = 1
),
raised AS (
    SELECT
        *,
        p_value / cume_dist() OVER (
            PARTITION BY study, target, level, codebook, group_value ORDER BY p_value
        ) AS raised_p
    FROM latest
)
SELECT
    * EXCLUDE (raised_p),
    least(
        1.0, min(raised_p) OVER (PARTITION BY study, target, level, codebook, group_value ORDER BY p_value DESC)
    ) AS q_value
FROM raised
ORDER BY study, target, level, codebook, group_value, p_value, codeword;
