-- The counts of fragments and losses of the runs or samples of a study.
-- Inputs: what the macro memo reads. Parameters: $study, $model, $level, $subtract_blanks.
-- Columns: unit_id, n_spectra, embedding.
FROM memo($study, level := $level, subtract_blanks := $subtract_blanks, model := $model);
