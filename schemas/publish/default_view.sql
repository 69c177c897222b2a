-- The spectra of one collection as the lab's default model sees them.
-- Inputs: vectors.{collection}__{model}. Parameters: {collection}, {model}.
-- Columns: id, analyte_id, precursor_mz, precursor_mz_stated, ion_mode, contributor, peaks_hash, embedding.
CREATE OR REPLACE VIEW vectors.{collection}__default AS FROM vectors.{collection}__{model};
COMMENT ON VIEW vectors.{collection}__default IS
    'Spectra of {collection} with their vectors by the default model, {model}';
COMMENT ON COLUMN vectors.{collection}__default.id IS 'spectrum_id of the spectrum';
COMMENT ON COLUMN vectors.{collection}__default.analyte_id IS 'Its analyte; NULL when unknown';
COMMENT ON COLUMN vectors.{collection}__default.precursor_mz IS 'm/z of its precursor ion';
COMMENT ON COLUMN vectors.{collection}__default.ion_mode IS 'positive or negative';
COMMENT ON COLUMN vectors.{collection}__default.contributor IS 'Laboratory that measured it';
COMMENT ON COLUMN vectors.{collection}__default.peaks_hash IS 'Hash of its peaks: copies have the same';
COMMENT ON COLUMN vectors.{collection}__default.embedding IS 'Its vector, of length one';
COMMENT ON COLUMN vectors.{collection}__default.precursor_mz_stated IS
    'm/z of its precursor ion as its source states it, by which it is searched as a query; NULL where it does not';
