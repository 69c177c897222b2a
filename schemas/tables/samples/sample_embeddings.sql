-- Sample embeddings: one vector per run or sample, made of the vectors (or precursors, or peaks) of its spectra.
-- Inputs: none. Parameters: none. Columns: as commented below.
CREATE TABLE sample_embeddings (
    study VARCHAR NOT NULL,
    method VARCHAR NOT NULL,
    model VARCHAR,
    level VARCHAR NOT NULL,
    unit_id VARCHAR NOT NULL,
    blanks_subtracted BOOLEAN NOT NULL,
    codebook VARCHAR,
    n_spectra BIGINT NOT NULL,
    dimension INTEGER NOT NULL,
    embedding FLOAT[] NOT NULL,
    record_version BIGINT NOT NULL,
    spectradb_version VARCHAR NOT NULL,
    created TIMESTAMP NOT NULL
);
COMMENT ON TABLE sample_embeddings IS 'One vector per run or sample of a study; only the latest of each kind';
COMMENT ON COLUMN sample_embeddings.study IS 'Name of the study';
COMMENT ON COLUMN sample_embeddings.method IS
    'How spectra became one vector: mean, intensity_weighted, max, mean_spread, codebook, precursor_profile, '
    'peak_profile or memo';
COMMENT ON COLUMN sample_embeddings.model IS
    'The model whose vectors were aggregated; NULL for profiles of precursors or peaks, and for memo';
COMMENT ON COLUMN sample_embeddings.level IS 'What one vector stands for: run or sample';
COMMENT ON COLUMN sample_embeddings.unit_id IS 'run_id or sample_id, as level says';
COMMENT ON COLUMN sample_embeddings.blanks_subtracted IS 'Whether spectra that blanks show as well were left out';
COMMENT ON COLUMN sample_embeddings.codebook IS 'The codebook of the method codebook; else NULL';
COMMENT ON COLUMN sample_embeddings.n_spectra IS 'Spectra aggregated';
COMMENT ON COLUMN sample_embeddings.dimension IS 'Length of the vector';
COMMENT ON COLUMN sample_embeddings.embedding IS 'The vector: of unit length, except that profiles are counts or sums';
COMMENT ON COLUMN sample_embeddings.record_version IS 'Version of the record''s spectra that was aggregated';
COMMENT ON COLUMN sample_embeddings.spectradb_version IS 'Version of spectradb that made it';
COMMENT ON COLUMN sample_embeddings.created IS 'Time of the aggregation, UTC';
