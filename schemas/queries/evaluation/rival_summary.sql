-- Wrong and right first answers whose analyte was in reach and had a rival, by how alike the library's own spectra of
-- the two are.
-- Inputs: rival_likeness, error_analysis. Parameters: $search, $library, $model. Columns: correct, n, n_same_name (one
--   compound by name or tautomer: no score could win), n_alike (likeness of at least 0.95), n_same (at least 0.99).
WITH kinds AS (
    SELECT query_id, winnable FROM error_analysis($search) WHERE answerable
)
SELECT
    rivals.correct,
    count(*) AS n,
    count(*) FILTER (NOT kinds.winnable) AS n_same_name,
    count(*) FILTER (rivals.likeness >= 0.95) AS n_alike,
    count(*) FILTER (rivals.likeness >= 0.99) AS n_same
FROM rival_likeness($search, $library, model := $model) AS rivals
LEFT JOIN kinds ON kinds.query_id = rivals.query_id
GROUP BY rivals.correct
ORDER BY rivals.correct;
