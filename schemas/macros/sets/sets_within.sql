-- The candidates that lie within the limit of their query's class: its set.
--
-- Inputs: the relations.
-- Parameters: found: name of a relation as candidate_gaps gives it; limits: name of one as gap_limits gives it.
-- Columns: those of found; set_size (candidates of the set), is_complete (false: fewer candidates were recorded than
--   the set may have), detail, n_known, gap_limit (of the finest class that has a limit; NULL without any, which keeps
--   every candidate).
CREATE OR REPLACE MACRO sets_within(found, limits) AS TABLE
WITH limited AS (
    SELECT
        found_candidate.*,
        max(found_candidate.rank) OVER (PARTITION BY found_candidate.query_id) AS last_rank,
        of_class.detail,
        of_class.n_known,
        of_class.gap_limit
    FROM query_table(found) AS found_candidate
    LEFT JOIN query_table(limits) AS of_class
        ON of_class.detail = 0
        OR (
            of_class.candidates = found_candidate.candidates
            AND (
                of_class.detail = 1
                OR (
                    of_class.ion_mode IS NOT DISTINCT FROM found_candidate.ion_mode
                    AND of_class.instrument IS NOT DISTINCT FROM found_candidate.instrument
                )
            )
        )
    QUALIFY
        row_number() OVER (
            PARTITION BY found_candidate.query_id, found_candidate.rank ORDER BY of_class.detail DESC
        ) = 1
)
SELECT
    * EXCLUDE (last_rank, detail, n_known, gap_limit),
    count(*) OVER of_query AS set_size,
    max(rank) OVER of_query < last_rank OR last_rank >= n_candidate_analytes AS is_complete,
    detail,
    n_known,
    gap_limit
FROM limited
WHERE rank = 1 OR gap <= coalesce(gap_limit, 'infinity'::FLOAT)
WINDOW of_query AS (PARTITION BY query_id);
COMMENT ON MACRO TABLE sets_within IS
    'Internal: candidates within the limit of their query''s class';
