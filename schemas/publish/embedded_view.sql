-- The spectra of one collection as one model sees them: what similarity_join, nearest and identify read.
-- Inputs: spectra. Parameters: {collection}, {model}.
-- Columns: id, analyte_id, precursor_mz, precursor_mz_stated, ion_mode, contributor, peaks_hash, embedding.
CREATE OR REPLACE VIEW vectors.{collection}__{model} AS
SELECT
    spectrum_id AS id,
    analyte_id,
    precursor_mz,
    precursor_mz_stated,
    ion_mode,
    contributor,
    peaks_hash,
    embedding_{model} AS embedding
FROM main.spectra -- so named, the view also works where the file is attached beside other databases
WHERE collection = '{collection}' AND embedding_{model} IS NOT NULL;
COMMENT ON VIEW vectors.{collection}__{model} IS 'Spectra of {collection} with their vectors by the model {model}';
COMMENT ON COLUMN vectors.{collection}__{model}.id IS 'spectrum_id of the spectrum';
COMMENT ON COLUMN vectors.{collection}__{model}.analyte_id IS 'Its analyte; NULL when unknown';
COMMENT ON COLUMN vectors.{collection}__{model}.precursor_mz IS 'm/z of its precursor ion';
COMMENT ON COLUMN vectors.{collection}__{model}.ion_mode IS 'positive or negative';
COMMENT ON COLUMN vectors.{collection}__{model}.contributor IS 'Laboratory that measured it';
COMMENT ON COLUMN vectors.{collection}__{model}.peaks_hash IS 'Hash of its peaks: copies have the same';
COMMENT ON COLUMN vectors.{collection}__{model}.embedding IS 'Its vector, of length one';
COMMENT ON COLUMN vectors.{collection}__{model}.precursor_mz_stated IS
    'm/z of its precursor ion as its source states it, by which it is searched as a query; NULL where it does not';
