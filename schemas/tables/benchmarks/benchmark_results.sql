-- Results of benchmarks: one row per method, part of the data and metric.
-- Inputs: none. Parameters: none. Columns: as commented below.
CREATE TABLE benchmark_results (
    benchmark VARCHAR NOT NULL,
    protocol VARCHAR NOT NULL,
    method VARCHAR NOT NULL,
    subset VARCHAR NOT NULL,
    metric VARCHAR NOT NULL,
    value DOUBLE,
    low DOUBLE,
    high DOUBLE,
    n BIGINT NOT NULL
);
COMMENT ON TABLE benchmark_results IS 'What benchmarks measured: one number a row';
COMMENT ON COLUMN benchmark_results.benchmark IS 'Name of the benchmark';
COMMENT ON COLUMN benchmark_results.protocol IS 'Its protocol';
COMMENT ON COLUMN benchmark_results.method IS 'A model or a score of peaks; "<a> against <b>" where two are compared';
COMMENT ON COLUMN benchmark_results.subset IS
    'The part of the data: all, a kind of spectra, an isomer, a dilution, a run';
COMMENT ON COLUMN benchmark_results.metric IS 'What was measured';
COMMENT ON COLUMN benchmark_results.value IS 'The number; NULL where there is none, such as a precision of nothing';
COMMENT ON COLUMN benchmark_results.low IS 'Lower end of its 95 % confidence interval; NULL where none was estimated';
COMMENT ON COLUMN benchmark_results.high IS 'Upper end of it';
COMMENT ON COLUMN benchmark_results.n IS 'How many spectra, analytes, groups or runs it was measured on';
