-- Fill benchmark_results with those of benchmarks that were finished.
-- Inputs: record_benchmark_results, benchmarks. Parameters: none. Columns: of benchmark_results.
INSERT INTO benchmark_results BY NAME
SELECT record_benchmark_results.*
FROM record_benchmark_results
SEMI JOIN benchmarks ON benchmarks.name = record_benchmark_results.benchmark
ORDER BY benchmark, method, subset, metric;
