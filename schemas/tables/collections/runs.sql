-- Runs: one row per data file of a study, or per named part of a table.
-- Inputs: none. Parameters: none. Columns: as commented below; those whose comment begins with "Computed" are not in
--   the record.
CREATE TABLE runs (
    run_id VARCHAR NOT NULL,
    collection VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    sample_id VARCHAR,
    file_name VARCHAR NOT NULL,
    sha256 VARCHAR NOT NULL,
    ion_mode VARCHAR,
    chromatography VARCHAR,
    started TIMESTAMP,
    dilution DOUBLE,
    metadata MAP(VARCHAR, VARCHAR), -- noqa: LT01
    import_id VARCHAR NOT NULL,
    n_spectra BIGINT
);
COMMENT ON TABLE runs IS 'One data file of a study, or one named part of a table file';
COMMENT ON COLUMN runs.run_id IS 'Collection and run name joined by a slash';
COMMENT ON COLUMN runs.collection IS 'Name of the study';
COMMENT ON COLUMN runs.name IS 'Name of the run: the file name without suffixes, or the name in the table';
COMMENT ON COLUMN runs.sample_id IS 'The sample it was injected from; NULL when no sample table names it';
COMMENT ON COLUMN runs.file_name IS 'Name of the file it was imported from';
COMMENT ON COLUMN runs.sha256 IS 'SHA-256 of that file';
COMMENT ON COLUMN runs.ion_mode IS 'Ion mode from the sample table';
COMMENT ON COLUMN runs.chromatography IS
    'Chromatography from the sample table, such as RP or HILIC (columns "chromatography" or "column")';
COMMENT ON COLUMN runs.started IS
    'When its acquisition started, as the file states it: in UTC where it states a time zone; NULL when it does not '
    'say';
COMMENT ON COLUMN runs.dilution IS 'Dilution factor of this run, from the column "dilution" of the sample table';
COMMENT ON COLUMN runs.metadata IS 'Every other column of the sample table in the row of this run, as text';
COMMENT ON COLUMN runs.import_id IS 'The import that described it';
COMMENT ON COLUMN runs.n_spectra IS 'Computed when published: number of spectra';
