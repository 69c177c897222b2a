-- The dilutions of a search's study.
-- Inputs: search_queries. Parameters: $search: a search_id; $column: what tells the dilution, as per of search_queries.
-- Columns: part (NULL where the sample table does not tell), number (NULL where part is none), n_runs, n_spectra.
SELECT part, as_number(part) AS number, count(DISTINCT run_id) AS n_runs, count(*) AS n_spectra
FROM search_queries($search, per := $column)
GROUP BY part
ORDER BY number NULLS LAST, part;
