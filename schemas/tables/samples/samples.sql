-- Samples: one row per biological sample of a study.
-- Inputs: none. Parameters: none. Columns: as commented below.
CREATE TABLE samples (
    sample_id VARCHAR NOT NULL,
    study VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    sample_type VARCHAR,
    sample_group VARCHAR,
    dilution DOUBLE,
    metadata MAP(VARCHAR, VARCHAR), -- noqa: LT01
    import_id VARCHAR NOT NULL
);
COMMENT ON TABLE samples IS 'One biological sample of a study';
COMMENT ON COLUMN samples.sample_id IS 'Study and sample name joined by a slash';
COMMENT ON COLUMN samples.study IS 'Name of the study';
COMMENT ON COLUMN samples.name IS 'Name of the sample';
COMMENT ON COLUMN samples.sample_type IS 'Kind of sample: sample, blank, QC, as the sample table spells it';
COMMENT ON COLUMN samples.sample_group IS 'Group of the study design, from the column "group"';
COMMENT ON COLUMN samples.dilution IS
    'Dilution factor that all its runs have, from the column "dilution"; NULL where they differ: see runs';
COMMENT ON COLUMN samples.metadata IS
    'Every other column of the sample table in which its runs agree, as text; in those in which they differ see runs';
COMMENT ON COLUMN samples.import_id IS 'The import that described it';
