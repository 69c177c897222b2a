-- A text as a number, if it is written as one: digits with a point and an exponent at most.
--
-- Inputs: none. Parameters: written: the text. Columns: none; the value is a DOUBLE, NULL where the text is no number.
--
-- A cast alone takes '25_25_25_25' for 25252525, and 'nan' and 'inf' for numbers.
CREATE OR REPLACE MACRO as_number(written) AS
CASE
    WHEN regexp_full_match(trim(written), '[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,3})?')
    THEN CASE WHEN isfinite(try_cast(trim(written) AS DOUBLE)) THEN try_cast(trim(written) AS DOUBLE) END
END;
COMMENT ON MACRO as_number IS 'Internal: A text as a number; NULL where it is none, such as 25_25_25_25';
