-- Take the embedding column of one model out.
-- Inputs: spectra. Parameters: {model}. Columns: none.
ALTER TABLE spectra DROP COLUMN embedding_{model}; -- noqa: LT01
