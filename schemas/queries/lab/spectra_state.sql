-- The state of the record that the published spectra show.
-- Inputs: publications. Parameters: none. Columns: state.
SELECT state FROM publications WHERE table_name = 'spectra';
