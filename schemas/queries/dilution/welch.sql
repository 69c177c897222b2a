-- Is search b more precise than search a over its best thresholds, by dilution?
-- Inputs: welch_test; benchmark_truth, a relation with analyte_id. Parameters: $search_a, $search_b: search_ids;
-- $column: what tells the dilution, as per of search_queries; $step: distance of thresholds. Columns: those of
-- welch_test over the top 20 thresholds.
FROM welch_test($search_a, $search_b, per := $column, top := 20, step := $step, truth := 'benchmark_truth');
