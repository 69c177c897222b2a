-- The benchmarks of a lab.
-- Inputs: benchmarks, benchmark_results. Parameters: $studies, names of studies whose spectra were the queries (NULL:
--   all).
-- Columns: name, protocol, study, library, searches (search_ids, one of each method), reference (analytes of the truth,
--   where it is not the queries' own), finished, n_results.
SELECT
    benchmarks.name,
    benchmarks.protocol,
    try_cast(benchmarks.parameters AS JSON) ->> '$.study' AS study,
    try_cast(benchmarks.parameters AS JSON) ->> '$.library' AS library,
    json_extract_string(try_cast(benchmarks.parameters AS JSON), '$.searches.*') AS searches,
    json_extract_string(try_cast(benchmarks.parameters AS JSON), '$.reference[*]') AS reference,
    benchmarks.finished,
    (SELECT count(*) FROM benchmark_results WHERE benchmark_results.benchmark = benchmarks.name) AS n_results
FROM benchmarks
WHERE $studies::VARCHAR[] IS NULL
    OR list_contains($studies::VARCHAR[], try_cast(benchmarks.parameters AS JSON) ->> '$.study')
ORDER BY benchmarks.name;
