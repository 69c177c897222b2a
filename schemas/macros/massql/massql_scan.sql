-- The number of a scan, as SCANMIN and SCANMAX of MassQL mean it.
--
-- Inputs: none.
-- Parameters: native_id: identifier of a spectrum in its source.
-- Columns: none; the value is a BIGINT: the identifier where it is a whole number, or what it says behind scan=, as
--   those of mzML do; NULL where it says neither.
CREATE OR REPLACE MACRO massql_scan(native_id) AS
    try_cast(regexp_extract(native_id, '^(?:.*\bscan=)?(\d+)$', 1) AS BIGINT);
COMMENT ON MACRO massql_scan IS 'Internal: number of the scan that a native_id names; NULL where it names none';
