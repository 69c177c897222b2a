-- How good is a search? Metrics in the DuckDB shell, over the lab that `spectradb demo` makes. Run it from the
-- directory of the demo:
--
--     cd spectradb-demo && duckdb -readonly lab/lab.duckdb < ../examples/metrics.sql
--
-- (or wherever this file lies). All spectra of that lab are simulated, so what they are is known, and easier to tell
-- than in life.

-- The truth is any relation with query_id and analyte_id. Without one, metrics take what the spectra themselves state.
CREATE TEMP VIEW simulated AS
SELECT spectrum_id AS query_id, left(inchikey, 14) AS analyte_id
FROM read_csv('study/truth.csv', all_varchar = true) AS t
INNER JOIN runs ON runs.file_name = t.file
INNER JOIN spectra ON spectra.run_id = runs.run_id AND spectra.native_id = t.scan
WHERE inchikey IS NOT NULL;

-- How often is the right analyte first, and among the first five; and how often where there was a choice?
SELECT
    at_k,
    min_candidates,
    n_queries,
    n_answerable,
    n_correct,
    round(accuracy_of_all, 3) AS accuracy,
    round(best_possible, 3) AS best
FROM (
    FROM top_k_accuracy('demo', truth := 'simulated')
    UNION ALL
    FROM top_k_accuracy('demo', at_k := 5, truth := 'simulated')
    UNION ALL
    FROM top_k_accuracy('demo', min_candidates := 2, truth := 'simulated')
)
ORDER BY at_k, min_candidates;

-- Do scores tell right answers from wrong ones? Half would be chance.
SELECT n_true, n_false, round(auc, 3) AS auc FROM roc_auc('demo', truth := 'simulated');

-- From which score on is an answer worth keeping?
SELECT
    threshold,
    true_positives,
    false_positives,
    round("precision", 3) AS "precision",
    round(recall, 3) AS recall,
    round(f1, 3) AS f1
FROM best_threshold('demo', unit := 'query', truth := 'simulated');

-- Which isomers are taken for each other? The groups that fare worst.
SELECT
    formula,
    name,
    n_answerable,
    round(accuracy, 3) AS accuracy,
    round(group_worst, 3) AS worst,
    round(group_spread, 3) AS spread
FROM isomer_accuracy('demo', min_spectra := 5, truth := 'simulated')
ORDER BY group_worst, formula, name
LIMIT 6;

-- Why are answers wrong, and could a better score have won?
SELECT kind, winnable, n, round(share, 3) AS share, n_second, round(median_lead, 3) AS median_lead
FROM error_summary('demo', truth := 'simulated');
