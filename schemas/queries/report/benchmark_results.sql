-- The results of one benchmark.
-- Inputs: benchmark_results. Parameters: $benchmark.
-- Columns: method, subset, metric, value, low, high, n; results on all data first, then by subset, metric and method.
SELECT method, subset, metric, value, low, high, n
FROM benchmark_results
WHERE benchmark = $benchmark
ORDER BY subset <> 'all', subset, metric, method;
