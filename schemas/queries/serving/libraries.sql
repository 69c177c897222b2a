-- The libraries of a lab, the largest first.
-- Inputs: libraries. Parameters: none. Columns: name.
SELECT name FROM libraries ORDER BY n_spectra DESC, name;
