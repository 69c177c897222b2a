-- The codewords of the spectra of a study by a codebook at hand, as the record stores them.
-- Inputs: fitted_codebook; what the macro nearest_codeword reads. Parameters: $study, $model, $codebook, $created.
-- Columns: those of spectrum_codewords.
SELECT $codebook AS codebook, spectrum_id, codeword, similarity, $created::TIMESTAMP AS created
FROM nearest_codeword($study, $codebook, model := $model, centroids := 'fitted_codebook');
