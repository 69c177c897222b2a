-- Kept states: one row per state of a library or study that was kept by name.
-- Inputs: none. Parameters: none. Columns: as commented below.
CREATE TABLE kept_states (
    name VARCHAR PRIMARY KEY,
    collection VARCHAR NOT NULL,
    state VARCHAR NOT NULL,
    n_spectra BIGINT NOT NULL,
    record_version BIGINT NOT NULL,
    kept TIMESTAMP NOT NULL
);
COMMENT ON TABLE kept_states IS 'One state of a library or study that is kept by name';
COMMENT ON COLUMN kept_states.name IS 'Its name';
COMMENT ON COLUMN kept_states.collection IS 'The library or study';
COMMENT ON COLUMN kept_states.state IS 'Hash of its content, as in collection_states and searches';
COMMENT ON COLUMN kept_states.n_spectra IS 'Its spectra in that state';
COMMENT ON COLUMN kept_states.record_version IS 'Version of the record''s spectra that holds it, which clean keeps';
COMMENT ON COLUMN kept_states.kept IS 'When it was kept, UTC';
