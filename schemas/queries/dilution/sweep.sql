-- One search at all thresholds, the whole study together, against a reference set.
-- Inputs: threshold_sweep; benchmark_truth, a relation with analyte_id. Parameters: $search: a search_id; $step:
--   distance of thresholds.
-- Columns: those of threshold_sweep.
FROM threshold_sweep($search, step := $step, truth := 'benchmark_truth')
ORDER BY threshold;
