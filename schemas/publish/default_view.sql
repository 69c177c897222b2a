-- The spectra of one collection as the lab's default model sees them.
-- Inputs: vectors.{collection}__{model}. Parameters: {collection}, {model}.
-- Columns: id, analyte_id, precursor_mz, precursor_mz_stated, ion_mode, contributor, peaks_hash, embedding.
CREATE OR REPLACE VIEW vectors.{collection}__default AS FROM vectors.{collection}__{model};
COMMENT ON VIEW vectors.{collection}__default IS 'Spectra of {collection} with their vectors by the default model, {model}';
