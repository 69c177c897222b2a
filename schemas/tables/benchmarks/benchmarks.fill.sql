-- Fill benchmarks.
-- Inputs: record_benchmarks. Parameters: none. Columns: of benchmarks.
INSERT INTO benchmarks BY NAME
SELECT *
FROM record_benchmarks
QUALIFY row_number() OVER (PARTITION BY name ORDER BY finished DESC) = 1
ORDER BY finished, name;
