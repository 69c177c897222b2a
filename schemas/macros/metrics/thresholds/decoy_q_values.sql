-- The false discovery rate of first hits, estimated from scores alone: the second hit of a query shows what a wrong one
-- scores.
--
-- Inputs: a relation, given by name, with (query_id, rank, score) of one search.
-- Parameters: found: name of the relation; least_decoys: NULL everywhere unless so many queries have a second hit.
-- Columns: query_id, score, fdr, q_value, of hits of rank 1.
--
-- For a threshold t, let T(t) be the number of first hits with a score of at least t, D(t) that of second hits, and N1,
-- N2 the numbers of all first and all second hits. fdr(t) = min(1, (D(t) + 1) / N2 * N1 / T(t)): D(t) / N2 estimates
-- the share of wrong hits that score at least t, with one added since what was not seen among few may be there, and N1
-- takes every first hit to be wrong. q_value is the least fdr of any threshold at which the hit still counts, so that
-- it never falls as scores fall.
--
-- It holds only where most queries have their analyte in the library: the best of several wrong candidates scores more
-- than the second. Among laboratories of MassBank left out, 20 % asked were 12 % where four of five queries could be
-- answered, 21 % where one of two, 42 % where one of five. Searches therefore record no such value.
CREATE OR REPLACE MACRO decoy_q_values(found, least_decoys := 100) AS TABLE
WITH counted AS (
    SELECT
        query_id,
        rank,
        score,
        -- Sums, as counts with a FILTER over a window take time that grows with the square of the rows.
        sum((rank = 1)::BIGINT) OVER downwards AS n_targets,
        sum((rank = 2)::BIGINT) OVER downwards AS n_decoys,
        sum((rank = 1)::BIGINT) OVER () AS n_first,
        sum((rank = 2)::BIGINT) OVER () AS n_second
    FROM query_table(found)
    WHERE rank <= 2
    WINDOW downwards AS (ORDER BY score DESC RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
),
estimated AS (
    SELECT
        query_id,
        score,
        CASE
            WHEN n_second >= greatest(least_decoys, 1) THEN least(1, (n_decoys + 1) / n_second * n_first / n_targets)
        END AS fdr
    FROM counted
    WHERE rank = 1
)
SELECT
    query_id,
    score,
    fdr,
    min(fdr) OVER (ORDER BY score RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS q_value
FROM estimated;
COMMENT ON MACRO TABLE decoy_q_values IS
    'False discovery rate and q-value of first hits, with second hits as decoys: query_id, score, fdr, q_value';
