-- Searches: one row per identification job. Its hits count from the moment it is finished.
-- Inputs: none. Parameters: none. Columns: as commented below.
CREATE TABLE searches (
    search_id VARCHAR PRIMARY KEY,
    study VARCHAR NOT NULL,
    library VARCHAR NOT NULL,
    record_version BIGINT NOT NULL,
    study_state VARCHAR,
    library_state VARCHAR,
    method VARCHAR NOT NULL,
    model VARCHAR,
    settings VARCHAR,
    left_out VARCHAR,
    calibration_id VARCHAR,
    ppm DOUBLE,
    k INTEGER NOT NULL,
    fragment_tolerance_da DOUBLE NOT NULL,
    n_queries BIGINT,
    n_answered BIGINT,
    carried_from VARCHAR,
    n_carried BIGINT,
    chance DOUBLE,
    started TIMESTAMP NOT NULL,
    finished TIMESTAMP,
    spectradb_version VARCHAR NOT NULL
);
COMMENT ON TABLE searches IS 'One identification of a study against a library';
COMMENT ON COLUMN searches.search_id IS 'Name of the search';
COMMENT ON COLUMN searches.study IS 'Where the queries come from';
COMMENT ON COLUMN searches.library IS 'What they were compared with';
COMMENT ON COLUMN searches.record_version IS 'Version of the record''s spectra that was searched';
COMMENT ON COLUMN searches.study_state IS
    'State that the study was in, as in collection_states; NULL: searched by an earlier version';
COMMENT ON COLUMN searches.library_state IS
    'State that the library was in, as in collection_states; NULL: searched by an earlier version';
COMMENT ON COLUMN searches.method IS
    'How pairs were scored: embedding (inner product of embeddings), merged (the same, an analyte''s best spectra '
    'merged), refined (merged, by refined library vectors), fused (with a score of peaks), analogue (fused with a '
    'modified cosine, in open searches), or a peak score such as cosine_greedy';
COMMENT ON COLUMN searches.model IS 'The model whose embeddings were compared; NULL for scores of peaks';
COMMENT ON COLUMN searches.settings IS 'Settings of the method, as JSON; NULL for none';
COMMENT ON COLUMN searches.left_out IS
    'contributor: no query met a spectrum of its own contributor, nor a copy of itself, as when a library is tested '
    'on itself; copies: none met a copy of itself; NULL: all met';
COMMENT ON COLUMN searches.calibration_id IS
    'The calibration that probabilities and q-values of its hits come from; NULL: it has none';
COMMENT ON COLUMN searches.ppm IS
    'Half-width of the precursor window, in ppm of the query''s precursor m/z; NULL: an open search, without '
    'precursor filter';
COMMENT ON COLUMN searches.k IS 'Analytes kept per query';
COMMENT ON COLUMN searches.fragment_tolerance_da IS 'Tolerance in Da for counting matched peaks';
COMMENT ON COLUMN searches.n_queries IS
    'Spectra of the study that were searched: those that had an embedding, where embeddings are compared';
COMMENT ON COLUMN searches.n_answered IS 'Those with at least one library spectrum in the window';
COMMENT ON COLUMN searches.carried_from IS
    'The search whose hits were carried over where nothing had changed, by reannotate; NULL: all were found anew';
COMMENT ON COLUMN searches.n_carried IS 'Queries whose hits were carried over; NULL: none were to be';
COMMENT ON COLUMN searches.chance IS
    'How often a query has a candidate by chance, as the calibration estimates from the analytes beside its precursor; '
    'NULL where not calibrated';
COMMENT ON COLUMN searches.started IS 'Start, UTC';
COMMENT ON COLUMN searches.finished IS 'End, UTC';
COMMENT ON COLUMN searches.spectradb_version IS 'Version of spectradb that ran it';
