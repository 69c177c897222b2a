-- Which analytes of a reference set two searches find alike, each at its threshold.
-- Inputs: overlap; benchmark_truth, a relation with analyte_id. Parameters: $search_a, $search_b: search_ids;
-- $threshold_a, $threshold_b. Columns: in_a, in_b, n.
SELECT in_a, in_b, n
FROM overlap(
    $search_a,
    $search_b,
    unit := 'analyte',
    threshold_a := $threshold_a,
    threshold_b := $threshold_b,
    truth := 'benchmark_truth'
);
