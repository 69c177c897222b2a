-- The pairs of a query and a library spectrum that cannot be the same ion, but might be of a relative: of a molecule
-- that has H2, CH2 or O more or less than one with the query's precursor.
--
-- Inputs: two relations as for candidate_pairs.
-- Parameters: those of candidate_pairs. Columns: those of candidate_pairs, and query_shift (the m/z by which the
--   precursor was shifted; query_precursor_mz is the shifted one).
--
-- How high a query scores against these says how high it scores against anything of that size: the more like them a
-- spectrum is, the less its best candidate's score is worth. How many analytes they are of says how often a query has a
-- candidate by chance (see chance_of_candidate).
CREATE OR REPLACE MACRO neighbour_pairs(queries, library, ppm := 10.0, left_out := NULL) AS TABLE
WITH shifted_queries AS (
    SELECT * REPLACE (precursor_mz + shift AS precursor_mz)
    FROM query_table(queries)
    CROSS JOIN (SELECT unnest(neighbour_shifts()) AS shift)
)
FROM candidate_pairs('shifted_queries', library, ppm := ppm, left_out := left_out);
COMMENT ON MACRO TABLE neighbour_pairs IS
    'Query/library pairs whose precursors differ by H2, CH2 or O: the columns of candidate_pairs, query_shift';
