-- Import log: one row per file, outcome and reason of an import.
-- Inputs: none. Parameters: none. Columns: as commented below.
CREATE TABLE import_log (
    import_id VARCHAR NOT NULL,
    collection VARCHAR NOT NULL,
    file_name VARCHAR NOT NULL,
    sha256 VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    n BIGINT NOT NULL,
    example VARCHAR,
    explanation VARCHAR
);
COMMENT ON TABLE import_log IS 'What an import did with the spectra of each file, counted by reason';
COMMENT ON COLUMN import_log.import_id IS 'The import';
COMMENT ON COLUMN import_log.collection IS 'The library or study imported into';
COMMENT ON COLUMN import_log.file_name IS 'The file';
COMMENT ON COLUMN import_log.sha256 IS 'SHA-256 of the file';
COMMENT ON COLUMN import_log.outcome IS
    'read, kept, dropped (not stored), changed (stored with a correction or flag) or failed (the whole file)';
COMMENT ON COLUMN import_log.reason IS 'Why: a short name';
COMMENT ON COLUMN import_log.n IS 'Number of spectra (of files, when failed)';
COMMENT ON COLUMN import_log.example IS 'Place of the first such spectrum in the file';
COMMENT ON COLUMN import_log.explanation IS 'The reason in a sentence, with what to do about it';
