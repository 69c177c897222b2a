-- Methods beside each other in each benchmark: the tile "Benchmarks" of the dashboard.
-- Inputs: benchmark_results, benchmarks. Parameters: none.
-- Columns: benchmark, protocol, drawing (benchmark and metric in words), method, metric, value, low and high (95 %
--   interval; NULL where none was computed), n (what it was counted on), finished. All data only; parts are in
--   benchmark_results.
SELECT
    r.benchmark,
    r.protocol,
    concat(r.benchmark, ': ', replace(r.metric, '_', ' ')) AS drawing,
    r.method,
    r.metric,
    r.value,
    r.low,
    r.high,
    r.n,
    b.finished
FROM benchmark_results AS r
INNER JOIN benchmarks AS b ON b.name = r.benchmark
WHERE r.subset = 'all' AND r.value IS NOT NULL AND NOT contains(r.method, ' against ')
ORDER BY b.finished DESC, r.benchmark, r.metric, r.method;
