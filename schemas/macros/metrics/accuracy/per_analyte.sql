-- How often a search puts the right analyte among its first k, for every analyte that its queries are known to be.
--
-- Inputs: search_truth, searches, analyte_names, analytes.
-- Parameters: as for top_k_accuracy.
-- Columns: analyte_id, name (in the library that was searched; of an analyte that is not in it, that in others),
--   formula, n_queries, n_answerable, n_correct, accuracy (correct of answerable; NULL when none is), accuracy_of_all
--   (correct of queries), best_possible (answerable of queries).
CREATE OR REPLACE MACRO per_analyte(search, at_k := 1, min_candidates := 0, truth := 'known_analytes') AS TABLE
WITH counts AS (
    SELECT
        analyte_id,
        count(*) AS n_queries,
        count(*) FILTER (answerable) AS n_answerable,
        count(*) FILTER (rank_of_truth <= at_k) AS n_correct
    FROM search_truth(search, truth := truth)
    WHERE n_candidate_analytes >= min_candidates
    GROUP BY analyte_id
),
called AS (
    SELECT analyte_names.analyte_id, analyte_names.name
    FROM analyte_names
    INNER JOIN searches ON searches.library = analyte_names.collection
    WHERE searches.search_id = search AND analyte_names.place = 1
)
SELECT
    counts.analyte_id,
    coalesce(called.name, analytes.name) AS name,
    analytes.formula,
    n_queries,
    n_answerable,
    n_correct,
    n_correct / nullif(n_answerable, 0) AS accuracy,
    n_correct / n_queries AS accuracy_of_all,
    n_answerable / n_queries AS best_possible
FROM counts
LEFT JOIN called ON called.analyte_id = counts.analyte_id
LEFT JOIN analytes ON analytes.analyte_id = counts.analyte_id;
COMMENT ON MACRO TABLE per_analyte IS 'Top-k accuracy of a search for every analyte, with the counts behind it';
