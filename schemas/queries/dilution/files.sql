-- Two searches compared file by file against a reference set, each at the best threshold of every file.
-- Inputs: head_to_head; benchmark_truth, a relation with analyte_id. Parameters: $search_a, $search_b: search_ids;
-- $step: distance of thresholds. Columns: those of head_to_head.
FROM head_to_head($search_a, $search_b, per := 'run', step := $step, truth := 'benchmark_truth');
