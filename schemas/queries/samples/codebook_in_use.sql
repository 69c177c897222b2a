-- The codebook that the recorded histograms of one kind were made with.
-- Inputs: sample_embeddings. Parameters: $study, $method, $model, $level, $blanks_subtracted. Columns: codebook; no
--   row: none is recorded.
SELECT DISTINCT codebook
FROM sample_embeddings
WHERE study = $study
    AND method = $method
    AND model = $model
    AND level = $level
    AND blanks_subtracted = $blanks_subtracted;
