-- How often a spectrum has a candidate in a library by chance, told by how many analytes the library has beside its
-- precursor.
--
-- Inputs: none.
-- Parameters: coefficients: chance_coefficients of a calibration; neighbour_analytes: analytes of the library in the
--   windows around the spectrum's precursor shifted by H2, CH2 or O (see neighbour_pairs).
-- Columns: none; the value is a DOUBLE, the probability of at least one candidate that is not the molecule itself.
--
-- A molecule has more isomers at its own mass than at masses beside it; how many more, calibrations learn from the
-- other candidates of known queries.
CREATE OR REPLACE MACRO chance_of_candidate(coefficients, neighbour_analytes) AS
    1 / (1 + exp(-coefficients[1] - coefficients[2] * ln(1 + neighbour_analytes)));
COMMENT ON MACRO chance_of_candidate IS
    'How often a spectrum has a candidate by chance, by a calibration''s chance_coefficients and the number of '
    'analytes beside its precursor';
