-- What each spectrum was identified as: the first analyte of every query of every search, with names and how sure it is.
-- Inputs: hits, searches, calibrations, spectra, runs, analytes. Parameters: none. Columns: as selected.
-- ambiguous: the next analyte scores so close that the first is not three times as likely (or what odds the calibration was made
-- with); where the search was not calibrated, within 0.01.
CREATE OR REPLACE VIEW identifications AS
SELECT
    hits.search_id,
    searches.study,
    searches.library,
    searches.method,
    searches.model,
    hits.query_id,
    q.native_id,
    q.run_id,
    runs.sample_id,
    coalesce(q.precursor_mz_stated, q.precursor_mz) AS precursor_mz,
    q.ion_mode,
    q.retention_time_s,
    hits.analyte_id,
    coalesce(l.name, analytes.name) AS name,
    analytes.formula,
    analytes.smiles,
    analytes.inchikey,
    l.adduct,
    hits.score,
    hits.matched_peaks,
    hits.ppm_error,
    hits.n_candidate_analytes,
    hits.score_gap,
    coalesce(hits.score_gap < coalesce(calibrations.ambiguous_gap, 0.01)::FLOAT, false) AS ambiguous,
    hits.probability,
    hits.q_value,
    hits.library_spectrum_id,
    l.native_id AS library_native_id,
    l.precursor_mz AS library_precursor_mz,
    l.precursor_source
FROM hits
INNER JOIN searches USING (search_id)
LEFT JOIN calibrations ON calibrations.calibration_id = searches.calibration_id
INNER JOIN spectra AS q ON q.spectrum_id = hits.query_id
INNER JOIN spectra AS l ON l.spectrum_id = hits.library_spectrum_id
LEFT JOIN analytes ON analytes.analyte_id = hits.analyte_id
LEFT JOIN runs ON runs.run_id = q.run_id
WHERE hits.rank = 1;
COMMENT ON VIEW identifications IS 'The best analyte of each query of each search, with names, structure and how sure it is';
COMMENT ON COLUMN identifications.study IS 'Study that the query belongs to';
COMMENT ON COLUMN identifications.native_id IS 'Identifier of the query in its file';
COMMENT ON COLUMN identifications.run_id IS 'The run that the query was measured in';
COMMENT ON COLUMN identifications.sample_id IS 'The sample of that run';
COMMENT ON COLUMN identifications.precursor_mz IS 'm/z of the query''s precursor ion, as stated where it is';
COMMENT ON COLUMN identifications.name IS 'Name of the matched library record, else of the analyte';
COMMENT ON COLUMN identifications.adduct IS 'Adduct of the library spectrum';
COMMENT ON COLUMN identifications.ambiguous IS 'Whether the next analyte scores too close to this one to tell: within calibrations.ambiguous_gap, or 0.01 where not calibrated';
COMMENT ON COLUMN identifications.library_native_id IS 'Identifier of the library spectrum in its source';
COMMENT ON COLUMN identifications.library_precursor_mz IS 'm/z at which the library spectrum was searched; ppm_error is with respect to it';
COMMENT ON COLUMN identifications.precursor_source IS
    'Where that m/z comes from: stated by the library, or computed from structure and adduct, where none is stated or it disagrees with them';
