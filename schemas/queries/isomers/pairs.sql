-- Each pair of methods: which tells more isomers right?
-- Inputs: isomer_accuracies, a relation with method and the columns of queries/isomers/members. Parameters: none.
-- Columns: method_a, method_b (each pair once, in the order of the alphabet), analytes_a, analytes_b, analytes_tied,
-- groups_a, groups_b, groups_tied: with the higher accuracy by a, by b, or by neither; of a group its mean over
-- members. Differences below 1e-9 are ties.
WITH group_means AS (
    SELECT method, isomer_group, avg(accuracy) AS accuracy FROM isomer_accuracies GROUP BY ALL
),
of_analytes AS (
    SELECT
        a.method AS method_a,
        b.method AS method_b,
        count(*) FILTER (a.accuracy > b.accuracy + 1e-9) AS analytes_a,
        count(*) FILTER (b.accuracy > a.accuracy + 1e-9) AS analytes_b,
        count(*) FILTER (abs(a.accuracy - b.accuracy) <= 1e-9) AS analytes_tied
    FROM isomer_accuracies AS a
    INNER JOIN isomer_accuracies AS b USING (isomer_group, analyte)
    WHERE a.method < b.method
    GROUP BY ALL
),
of_groups AS (
    SELECT
        a.method AS method_a,
        b.method AS method_b,
        count(*) FILTER (a.accuracy > b.accuracy + 1e-9) AS groups_a,
        count(*) FILTER (b.accuracy > a.accuracy + 1e-9) AS groups_b,
        count(*) FILTER (abs(a.accuracy - b.accuracy) <= 1e-9) AS groups_tied
    FROM group_means AS a
    INNER JOIN group_means AS b USING (isomer_group)
    WHERE a.method < b.method
    GROUP BY ALL
)
FROM of_analytes
INNER JOIN of_groups USING (method_a, method_b)
ORDER BY method_a, method_b;
