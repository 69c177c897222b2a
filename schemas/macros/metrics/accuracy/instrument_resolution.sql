-- Whether an instrument resolves isobaric fragments, as far as its type tells.
--
-- Inputs: none. Parameters: instrument_type: such as LC-ESI-QTOF, NULL where unknown.
-- Columns: a scalar: 'high resolution' for time-of-flight and Fourier-transform instruments, 'low resolution' for
--   others, or NULL.
CREATE OR REPLACE MACRO instrument_resolution(instrument_type) AS CASE
    WHEN regexp_matches(instrument_type, 'TOF|FT|orbitrap|exactive|exploris|astral|ICR', 'i') THEN 'high resolution'
    WHEN instrument_type <> '' THEN 'low resolution'
END;
COMMENT ON MACRO instrument_resolution IS
    'high resolution or low resolution, by the type of an instrument; NULL when unknown';
