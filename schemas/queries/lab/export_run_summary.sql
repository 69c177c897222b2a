-- The runs of a study as one search sees them.
-- Inputs: run_summary. Parameters: $search, a search_id (NULL: the newest of each study). Columns: of run_summary, by
--   run.
FROM run_summary($search) ORDER BY run_id;
