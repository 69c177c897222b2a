-- Give spectra the embedding column of one model.
-- Inputs: spectra. Parameters: {model}, {dimension}. Columns: embedding_{model}.
ALTER TABLE spectra ADD COLUMN embedding_{model} FLOAT[{dimension}];
COMMENT ON COLUMN spectra.embedding_{model} IS
    'Unit vector of the spectrum by the model {model}; NULL when not embedded yet';
