-- Codebooks: one row per codeword, the centre of a cluster of spectra of a study.
-- Inputs: none. Parameters: none. Columns: as commented below.
CREATE TABLE codebooks (
    codebook VARCHAR NOT NULL,
    study VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    codeword INTEGER NOT NULL,
    dimension INTEGER NOT NULL,
    centroid FLOAT[] NOT NULL,
    n_fitted BIGINT NOT NULL,
    seed INTEGER NOT NULL,
    record_version BIGINT NOT NULL,
    created TIMESTAMP NOT NULL
);
COMMENT ON TABLE codebooks IS 'One codeword: the centre of a cluster of spectra, by k-means on the sphere';
COMMENT ON COLUMN codebooks.codebook IS 'Name of the codebook: study, model and number of codewords';
COMMENT ON COLUMN codebooks.study IS 'The study whose spectra it was fitted on, without their labels';
COMMENT ON COLUMN codebooks.model IS 'The model whose vectors were clustered';
COMMENT ON COLUMN codebooks.codeword IS 'Number of the codeword, from 0';
COMMENT ON COLUMN codebooks.dimension IS 'Length of the centroid';
COMMENT ON COLUMN codebooks.centroid IS 'Mean direction of the spectra of the cluster, of unit length';
COMMENT ON COLUMN codebooks.n_fitted IS 'Spectra that the codebook was fitted on: a sample of those of the study';
COMMENT ON COLUMN codebooks.seed IS 'Seed of the sampling and of the first centroids';
COMMENT ON COLUMN codebooks.record_version IS 'Version of the record''s spectra that it was fitted on';
COMMENT ON COLUMN codebooks.created IS 'Time of the fit, UTC';
