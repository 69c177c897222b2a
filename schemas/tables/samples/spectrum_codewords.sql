-- Codewords of spectra: which cluster each spectrum of a study falls into, by each codebook.
-- Inputs: none. Parameters: none. Columns: as commented below.
CREATE TABLE spectrum_codewords (
    codebook VARCHAR NOT NULL,
    spectrum_id BIGINT NOT NULL,
    codeword INTEGER NOT NULL,
    similarity FLOAT NOT NULL,
    created TIMESTAMP NOT NULL
);
COMMENT ON TABLE spectrum_codewords IS 'The codeword of each spectrum of a study';
COMMENT ON COLUMN spectrum_codewords.codebook IS 'The codebook';
COMMENT ON COLUMN spectrum_codewords.spectrum_id IS 'The spectrum';
COMMENT ON COLUMN spectrum_codewords.codeword IS 'The codeword with the largest inner product; of equal ones the first';
COMMENT ON COLUMN spectrum_codewords.similarity IS 'That inner product: the cosine of spectrum and centroid';
COMMENT ON COLUMN spectrum_codewords.created IS 'Time of the assignment, UTC';
