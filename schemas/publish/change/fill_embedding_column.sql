-- Fill the embedding column of one model, and touch no other column: an UPDATE would write whole rows anew.
-- Inputs: spectra; vector_of_spectrum(spectrum_id), a function of the publisher's. Parameters: {model}, {dimension}.
--   Columns: embedding_{model}.
ALTER TABLE spectra
ALTER COLUMN embedding_{model} TYPE FLOAT[{dimension}] USING vector_of_spectrum(spectrum_id)::FLOAT[{dimension}];
