-- What massql_scaninfo tells, of some of the peaks of each spectrum: those that FILTER leaves, and with the peaks
-- themselves.
--
-- Inputs: a relation, given by name, with (spectrum_id, mz, intensity): a spectrum and those of its peaks that count,
--   and any other columns; spectra.
-- Parameters: found: name of the relation.
-- Columns: native_id, spectrum_id, collection, run_id, precursor_mz, charge, ion_mode, retention_time_s, n_peaks,
--   intensity_sum, intensity_max, relative_intensity_max (the strongest of the peaks that count, as a share of the
--   spectrum's base peak), and the other columns of the relation.
CREATE OR REPLACE MACRO massql_peakinfo(found) AS TABLE
SELECT
    s.native_id,
    s.spectrum_id,
    s.collection,
    s.run_id,
    s.precursor_mz,
    s.charge,
    s.ion_mode,
    s.retention_time_s,
    len(f.mz) AS n_peaks,
    list_sum(f.intensity::DOUBLE[]) AS intensity_sum,
    list_max(f.intensity) AS intensity_max,
    list_max(f.intensity)::DOUBLE / list_max(s.intensity) AS relative_intensity_max,
    f.* EXCLUDE (spectrum_id)
FROM query_table(found) AS f
INNER JOIN spectra AS s ON s.spectrum_id = f.spectrum_id;
COMMENT ON MACRO TABLE massql_peakinfo IS
    'Internal: what massql_scaninfo tells, of given peaks of spectra, and those: native_id, spectrum_id, collection, '
    'run_id, precursor_mz, charge, ion_mode, retention_time_s, n_peaks, intensity_sum, '
    'intensity_max, relative_intensity_max, mz, intensity';
