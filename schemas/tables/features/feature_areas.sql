-- Areas of features: how much of each ion a program that finds features saw in each run of a study.
-- Inputs: none. Parameters: none. Columns: as commented below.
CREATE TABLE feature_areas (
    study VARCHAR NOT NULL,
    feature_id VARCHAR NOT NULL,
    run VARCHAR NOT NULL,
    run_id VARCHAR,
    column_name VARCHAR NOT NULL,
    area DOUBLE NOT NULL,
    precursor_mz DOUBLE,
    retention_time_s DOUBLE,
    ion_mobility DOUBLE,
    ccs DOUBLE,
    file_name VARCHAR NOT NULL,
    sha256 VARCHAR NOT NULL,
    created TIMESTAMP NOT NULL
);
COMMENT ON TABLE feature_areas IS
    'One feature in one run, by the feature table of another program; of a study the one imported last';
COMMENT ON COLUMN feature_areas.study IS 'Name of the study';
COMMENT ON COLUMN feature_areas.feature_id IS 'The feature, as spectra.feature_id numbers it';
COMMENT ON COLUMN feature_areas.run IS 'The run: its file in the table, without folder and suffix';
COMMENT ON COLUMN feature_areas.run_id IS 'That run of the study; NULL: the study has no run of that name';
COMMENT ON COLUMN feature_areas.column_name IS 'The file, as the table writes it';
COMMENT ON COLUMN feature_areas.area IS 'Area of its peak in that run; 0: not found there';
COMMENT ON COLUMN feature_areas.precursor_mz IS 'm/z of the feature; NULL: not told';
COMMENT ON COLUMN feature_areas.retention_time_s IS 'Retention time of the feature in seconds; NULL: not told';
COMMENT ON COLUMN feature_areas.ion_mobility IS 'Its ion mobility, in the unit of the table; NULL: not told';
COMMENT ON COLUMN feature_areas.ccs IS 'Its collision cross section in square angstroms; NULL: not told';
COMMENT ON COLUMN feature_areas.file_name IS 'Name of the table''s file';
COMMENT ON COLUMN feature_areas.sha256 IS 'SHA-256 of that file';
COMMENT ON COLUMN feature_areas.created IS 'When it was imported, UTC';
