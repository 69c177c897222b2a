-- Benchmarks: one row per benchmark; another one of the same name takes its place.
-- Inputs: none. Parameters: none. Columns: as commented below.
CREATE TABLE benchmarks (
    name VARCHAR PRIMARY KEY,
    protocol VARCHAR NOT NULL,
    parameters VARCHAR NOT NULL,
    started TIMESTAMP NOT NULL,
    finished TIMESTAMP NOT NULL,
    spectradb_version VARCHAR NOT NULL
);
COMMENT ON TABLE benchmarks IS 'One comparison of methods by a fixed protocol';
COMMENT ON COLUMN benchmarks.name IS 'Name of the benchmark';
COMMENT ON COLUMN benchmarks.protocol IS 'retrieval, isomers or dilution';
COMMENT ON COLUMN benchmarks.parameters IS
    'Everything that decides the results, as JSON; "searches" names the search of each method';
COMMENT ON COLUMN benchmarks.started IS 'Start, UTC';
COMMENT ON COLUMN benchmarks.finished IS 'End, UTC';
COMMENT ON COLUMN benchmarks.spectradb_version IS 'Version of spectradb that ran it';
