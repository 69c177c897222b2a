-- Imports: one row per finished import. What an import wrote counts from the moment its row is here.
-- Inputs: none. Parameters: none. Columns: as commented below.
CREATE TABLE imports (
    import_id VARCHAR PRIMARY KEY,
    collection VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    started TIMESTAMP NOT NULL,
    finished TIMESTAMP NOT NULL,
    n_files INTEGER NOT NULL,
    n_failed_files INTEGER NOT NULL,
    n_read BIGINT NOT NULL,
    n_kept BIGINT NOT NULL,
    n_dropped BIGINT NOT NULL,
    peak_recipe VARCHAR NOT NULL,
    spectradb_version VARCHAR NOT NULL
);
COMMENT ON TABLE imports IS 'One finished import';
COMMENT ON COLUMN imports.import_id IS
    'Hash of the collection, the settings and the content of the files: the same import has the same id';
COMMENT ON COLUMN imports.collection IS 'The library or study imported into';
COMMENT ON COLUMN imports.kind IS 'library or study';
COMMENT ON COLUMN imports.started IS 'Start, UTC';
COMMENT ON COLUMN imports.finished IS 'End, UTC';
COMMENT ON COLUMN imports.n_files IS 'Files given';
COMMENT ON COLUMN imports.n_failed_files IS 'Files that could not be read and gave nothing';
COMMENT ON COLUMN imports.n_read IS 'Spectra read, MS1 included';
COMMENT ON COLUMN imports.n_kept IS 'Spectra stored';
COMMENT ON COLUMN imports.n_dropped IS 'Spectra not stored, for the reasons in import_log';
COMMENT ON COLUMN imports.peak_recipe IS 'Name, version and settings of the peak cleaning, as JSON';
COMMENT ON COLUMN imports.spectradb_version IS 'Version of spectradb that ran it';
