-- One search at its best thresholds, by part of the study, against a reference set.
-- Inputs: best_threshold; benchmark_truth, a relation with analyte_id. Parameters: $search: a search_id; $column: what
-- divides the study, as per of search_queries; $step: distance of thresholds. Columns: those of threshold_sweep.
FROM best_threshold($search, per := $column, step := $step, truth := 'benchmark_truth')
ORDER BY as_number(part) NULLS LAST, part;
