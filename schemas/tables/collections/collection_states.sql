-- States of collections: one row per library and study, with a hash of all that its spectra state.
-- Inputs: none. Parameters: none. Columns: as commented below; all are computed when published.
CREATE TABLE collection_states (
    collection VARCHAR PRIMARY KEY,
    state VARCHAR NOT NULL,
    n_spectra BIGINT NOT NULL
);
COMMENT ON TABLE collection_states IS
    'Which state each library and study is in: searches name the states they compared';
COMMENT ON COLUMN collection_states.collection IS 'Computed when published: name of the library or study';
COMMENT ON COLUMN collection_states.state IS
    'Computed when published: 128-bit hash of all that its spectra state, in hexadecimal, whatever their order; equal '
    'states, equal spectra. Vectors take no part';
COMMENT ON COLUMN collection_states.n_spectra IS 'Computed when published: number of spectra';
