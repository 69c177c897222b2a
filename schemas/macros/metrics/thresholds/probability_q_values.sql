-- The false discovery rate of first hits, from their probabilities: the mean chance to be wrong of all that are as
-- probable or more.
--
-- Inputs: a relation, given by name, with (query_id, probability), one row per query; rows without a probability are
--   passed over.
-- Parameters: found: name of the relation.
-- Columns: query_id, probability, q_value = mean of 1 - probability over the hits with at least this probability.
CREATE OR REPLACE MACRO probability_q_values(found) AS TABLE
SELECT
    query_id,
    probability,
    avg(1 - probability) OVER (ORDER BY probability DESC RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS q_value
FROM query_table(found)
WHERE probability IS NOT NULL;
COMMENT ON MACRO TABLE probability_q_values IS
    'False discovery rate of first hits as the mean chance to be wrong of those at least as probable: query_id, '
    'probability, q_value';
