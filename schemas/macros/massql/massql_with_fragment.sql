-- Spectra with a peak between two m/z, as conditions of MassQL ask for them.
--
-- Inputs: peak_index.
-- Parameters: lower_mz, upper_mz: bounds, both excluded; numbers, so that blocks of the file are skipped by them.
-- Columns: spectrum_number, as peak_spectra numbers spectra, each once.
--
-- Gathered in one list, which the engine expects to be short: joins then look for these spectra among all, and decode
-- only the blocks where they are.
CREATE OR REPLACE MACRO massql_with_fragment(lower_mz, upper_mz) AS TABLE
SELECT unnest(list(DISTINCT spectrum_number)) AS spectrum_number
FROM peak_index
WHERE mz > lower_mz::DOUBLE AND mz < upper_mz::DOUBLE;
COMMENT ON MACRO TABLE massql_with_fragment IS 'Internal: spectra with a peak between two m/z: spectrum_number';
