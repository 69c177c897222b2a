-- The classes into which queries fall by how many analytes they had to choose from.
--
-- Inputs: none. Parameters: none. Columns: candidates (label), from_candidates, to_candidates (NULL: no end).
CREATE OR REPLACE MACRO candidate_classes() AS TABLE
SELECT *
FROM (
    VALUES
        ('0', 0, 0),
        ('1', 1, 1),
        ('2', 2, 2),
        ('3-5', 3, 5),
        ('6-10', 6, 10),
        ('11-20', 11, 20),
        ('21-50', 21, 50),
        ('51+', 51, NULL)
) AS classes (candidates, from_candidates, to_candidates);
COMMENT ON MACRO TABLE candidate_classes IS
    'Internal: classes of queries by number of candidate analytes: candidates, from_candidates, to_candidates';
