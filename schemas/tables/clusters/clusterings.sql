-- Clusterings: one row per study whose repeated spectra were clustered.
-- Inputs: none. Parameters: none. Columns: as commented below.
CREATE TABLE clusterings (
    clustering VARCHAR NOT NULL,
    study VARCHAR NOT NULL,
    method VARCHAR NOT NULL,
    model VARCHAR,
    min_score DOUBLE NOT NULL,
    ppm DOUBLE NOT NULL,
    rt_window_s DOUBLE,
    fragment_tolerance_da DOUBLE NOT NULL,
    min_share DOUBLE NOT NULL,
    spectrum VARCHAR NOT NULL,
    n_spectra BIGINT NOT NULL,
    n_clusters BIGINT NOT NULL,
    record_version BIGINT NOT NULL,
    spectradb_version VARCHAR NOT NULL,
    created TIMESTAMP NOT NULL,
    import_id VARCHAR NOT NULL
);
COMMENT ON TABLE clusterings IS 'One clustering of the repeated spectra of a study or library';
COMMENT ON COLUMN clusterings.clustering IS 'Name of the collection that holds its spectra, one for each cluster';
COMMENT ON COLUMN clusterings.study IS 'The study or library whose spectra were clustered';
COMMENT ON COLUMN clusterings.method IS 'How pairs of spectra were scored: embedding, or a cosine of peaks';
COMMENT ON COLUMN clusterings.model IS 'The model whose embeddings were compared; NULL for scores of peaks';
COMMENT ON COLUMN clusterings.min_score IS 'Least score of every two members of a cluster';
COMMENT ON COLUMN clusterings.ppm IS 'Largest difference of the precursors of every two members, in ppm of the smaller';
COMMENT ON COLUMN clusterings.rt_window_s IS
    'Largest difference of the retention times of every two members that have one, in seconds; NULL: any';
COMMENT ON COLUMN clusterings.fragment_tolerance_da IS 'How far peaks may be from the one they were merged with, in Da';
COMMENT ON COLUMN clusterings.min_share IS 'Share of the members that must have a peak for the consensus to have it';
COMMENT ON COLUMN clusterings.spectrum IS
    'What stands for a cluster: consensus (its members'' peaks merged) or best (those of the best member)';
COMMENT ON COLUMN clusterings.n_spectra IS 'Spectra that were clustered';
COMMENT ON COLUMN clusterings.n_clusters IS 'Clusters, those of one spectrum included';
COMMENT ON COLUMN clusterings.record_version IS 'Version of the record''s spectra that was clustered';
COMMENT ON COLUMN clusterings.spectradb_version IS 'Version of spectradb that made it';
COMMENT ON COLUMN clusterings.created IS 'When it was made, UTC';
COMMENT ON COLUMN clusterings.import_id IS 'What its spectra came to the record by';
