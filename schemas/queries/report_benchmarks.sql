-- The benchmarks of a lab.
-- Inputs: benchmarks, benchmark_results. Parameters: none. Columns: name, protocol, finished, n_results.
SELECT
    benchmarks.name,
    benchmarks.protocol,
    benchmarks.finished,
    (SELECT count(*) FROM benchmark_results WHERE benchmark_results.benchmark = benchmarks.name) AS n_results
FROM benchmarks
ORDER BY benchmarks.name;
