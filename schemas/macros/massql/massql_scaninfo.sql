-- What the functions of MassQL tell about the spectra that a query found: a row each.
--
-- Inputs: a relation, given by name, with (spectrum_id) and any other columns; spectra.
-- Parameters: found: name of the relation.
-- Columns: native_id, spectrum_id, collection, run_id, precursor_mz, charge, ion_mode, retention_time_s, n_peaks,
--   intensity_sum (of all peaks, also those that the import left out), intensity_max, relative_intensity_max (1), and
--   the other columns of the relation.
CREATE OR REPLACE MACRO massql_scaninfo(found) AS TABLE
SELECT
    s.native_id,
    s.spectrum_id,
    s.collection,
    s.run_id,
    s.precursor_mz,
    s.charge,
    s.ion_mode,
    s.retention_time_s,
    s.n_peaks,
    s.tic AS intensity_sum,
    list_max(s.intensity) AS intensity_max,
    1.0::DOUBLE AS relative_intensity_max,
    f.* EXCLUDE (spectrum_id)
FROM query_table(found) AS f
INNER JOIN spectra AS s ON s.spectrum_id = f.spectrum_id;
COMMENT ON MACRO TABLE massql_scaninfo IS
    'Internal: what MassQL tells about found spectra: native_id, spectrum_id, collection, run_id, precursor_mz, '
    'charge, ion_mode, retention_time_s, n_peaks, intensity_sum, intensity_max, relative_intensity_max';
