-- The vectors of the runs or samples of a study by an aggregation of embeddings.
-- Inputs: what the macro sample_embedding reads. Parameters: $study, $model, $method, $level, $subtract_blanks.
-- Columns: unit_id, n_spectra, embedding.
FROM sample_embedding($study, model := $model, method := $method, level := $level, subtract_blanks := $subtract_blanks);
