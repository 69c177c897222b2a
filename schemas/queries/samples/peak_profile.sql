-- The peak profiles of the runs or samples of a study.
-- Inputs: what the macro peak_profile reads. Parameters: $study, $model, $level, $subtract_blanks.
-- Columns: unit_id, n_spectra, embedding.
FROM peak_profile($study, level := $level, subtract_blanks := $subtract_blanks, model := $model);
