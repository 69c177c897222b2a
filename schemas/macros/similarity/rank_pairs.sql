-- The k best analytes for each query, from scored pairs of spectra. An analyte counts by its best spectrum.
--
-- Inputs: a relation, given by name, with (query_id, library_id, analyte_id, score, ppm_error); pairs without an
--   analyte or a score are passed over.
-- Parameters: pairs: name of the relation; k: analytes per query.
-- Columns: query_id, rank, analyte_id, library_id, score, ppm_error, n_candidate_analytes (analytes among the query's
--   pairs), score_gap (to the next analyte, NULL for the last). Ties go to the smaller analyte_id, then to the smaller
--   library_id.
CREATE OR REPLACE MACRO rank_pairs(pairs, k := 10) AS TABLE
WITH best AS (
    SELECT
        query_id,
        analyte_id,
        -- The least struct: by the greatest score, then by the smaller library id, of whatever type ids are.
        min({minus_score: -score, library_id: library_id, ppm_error: ppm_error}) AS hit
    FROM query_table(pairs)
    WHERE analyte_id IS NOT NULL AND score IS NOT NULL
    GROUP BY query_id, analyte_id
)
SELECT
    query_id,
    (row_number() OVER by_score)::INTEGER AS rank,
    analyte_id,
    hit.library_id AS library_id,
    0 - hit.minus_score AS score, -- negation would make a zero negative
    hit.ppm_error AS ppm_error,
    (count(*) OVER (PARTITION BY query_id))::INTEGER AS n_candidate_analytes,
    lead(hit.minus_score) OVER by_score - hit.minus_score AS score_gap
FROM best
WINDOW by_score AS (PARTITION BY query_id ORDER BY hit.minus_score, analyte_id)
QUALIFY rank <= k
ORDER BY query_id, rank;
COMMENT ON MACRO TABLE rank_pairs IS
    'The k best analytes per query among scored pairs: query_id, rank, analyte_id, library_id, score, ppm_error, '
    'n_candidate_analytes, score_gap';
