-- The codebook histograms of the runs or samples of a study, by a codebook and assignments at hand.
-- Inputs: fitted_codebook, assigned_codewords; what the macro codebook_histogram reads.
-- Parameters: $study, $model, $codebook, $level, $subtract_blanks. Columns: unit_id, n_spectra, embedding.
FROM codebook_histogram(
    $study,
    $codebook,
    level := $level,
    subtract_blanks := $subtract_blanks,
    model := $model,
    centroids := 'fitted_codebook',
    assignments := 'assigned_codewords'
);
