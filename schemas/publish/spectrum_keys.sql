-- Which spectra are published, and which of them duplicate another of their collection: same peaks, precursor (to 4
-- decimals) and analyte, whatever their id.
-- Inputs: record_spectrum_keys (the key columns of the record's spectra), imports. Parameters: none.
-- Columns: spectrum_id, duplicate_of (NULL for the first of its kind).
CREATE TEMP TABLE spectrum_keys AS
SELECT
    spectrum_id,
    nullif(
        min(spectrum_id) OVER (PARTITION BY collection, peaks_hash, round(precursor_mz, 4), analyte_id),
        spectrum_id
    ) AS duplicate_of
FROM record_spectrum_keys
SEMI JOIN imports USING (import_id);
