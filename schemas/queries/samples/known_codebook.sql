-- Whether a codebook is published that was fitted with a seed on a version of the record's spectra.
-- Inputs: codebooks. Parameters: $codebook, $seed, $record_version. Columns: codebook; no row: it is not.
SELECT DISTINCT codebook
FROM codebooks
WHERE codebook = $codebook AND seed = $seed AND record_version = $record_version;
