-- Models: one row per embedder that has filled a column of this lab.
-- Inputs: none. Parameters: none. Columns: as commented below.
CREATE TABLE models (
    name VARCHAR PRIMARY KEY,
    kind VARCHAR NOT NULL,
    dimension INTEGER NOT NULL,
    preprocessing VARCHAR NOT NULL,
    fingerprint VARCHAR NOT NULL,
    training_data VARCHAR,
    metrics VARCHAR,
    licence VARCHAR,
    created TIMESTAMP NOT NULL
);
COMMENT ON TABLE models IS 'One embedder whose vectors are in column embedding_<name> of spectra';
COMMENT ON COLUMN models.name IS 'Name of the model';
COMMENT ON COLUMN models.kind IS 'hash (no training), transformer, analogue, dreams, onnx or torchscript';
COMMENT ON COLUMN models.dimension IS 'Length of its vectors';
COMMENT ON COLUMN models.preprocessing IS 'What it does to a spectrum before embedding, as JSON';
COMMENT ON COLUMN models.fingerprint IS
    'Hash of kind, preprocessing and weights: equal fingerprints give equal vectors';
COMMENT ON COLUMN models.training_data IS 'What it was trained on, as JSON; NULL when untrained';
COMMENT ON COLUMN models.metrics IS 'How it did on held-out data, as JSON; NULL when unknown';
COMMENT ON COLUMN models.licence IS
    'What its card says of passing it on; begins with "in house only" where its training asked for no licence; NULL: '
    'nothing is said';
COMMENT ON COLUMN models.created IS 'Time of its first use in this lab, UTC';
