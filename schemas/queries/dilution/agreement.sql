-- Are the analytes that a search finds at a dilution those that it finds undiluted?
-- Inputs: dilution_consistency; benchmark_truth, a relation with analyte_id. Parameters: $search: a search_id; $column:
-- what tells the dilution, as per of search_queries; $undiluted: its value in undiluted samples; $step: distance of
-- thresholds.
-- Columns: those of dilution_consistency.
FROM dilution_consistency($search, per := $column, reference := $undiluted, step := $step, truth := 'benchmark_truth');
