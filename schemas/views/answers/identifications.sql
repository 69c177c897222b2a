-- What each spectrum was identified as: the first analyte of every query of every search, with names and how sure it
-- is.
-- Inputs: candidates, searches, calibrations, confident_rule. Parameters: none. Columns: as selected. ambiguous: the
-- next analyte scores so close that the first is not three times as likely (or what odds the calibration was made
-- with); where the search was not calibrated, within 0.01.
-- Three words: a query is answered where a search has a first analyte for it, at whatever score; the answer is
-- confident where it meets the rule of the view confident_rule, and NULL where that asks for what the search has not,
-- such as a probability without a calibration; it is right where it is what the query is known to be, which only the
-- macros over a truth can say. An answer by another adduct than the query states is not confident by any rule.
CREATE OR REPLACE VIEW identifications AS
SELECT
    answer.* EXCLUDE (
        rank,
        probability,
        q_value,
        library_spectrum_id,
        library_native_id,
        library_precursor_mz,
        precursor_source,
        cluster_id
    ),
    coalesce(answer.score_gap < coalesce(calibrations.ambiguous_gap, 0.01)::FLOAT, false) AS ambiguous,
    answer.probability,
    answer.q_value,
    (rule.least_probability IS NULL OR answer.probability >= rule.least_probability)
    AND (rule.most_q_value IS NULL OR answer.q_value <= rule.most_q_value)
    AND (rule.least_score IS NULL OR answer.score >= rule.least_score)
    AND (rule.least_score_gap IS NULL OR answer.score_gap IS NULL OR answer.score_gap >= rule.least_score_gap)
    AND (rule.least_matched_peaks IS NULL OR answer.matched_peaks >= rule.least_matched_peaks)
    AND NOT (rule.without_ambiguous AND ambiguous)
    AND coalesce(answer.query_adduct = answer.adduct, true) AS confident,
    answer.library_spectrum_id,
    answer.library_native_id,
    answer.library_precursor_mz,
    answer.precursor_source,
    answer.cluster_id
FROM candidates AS answer
INNER JOIN searches ON searches.search_id = answer.search_id
LEFT JOIN calibrations ON calibrations.calibration_id = searches.calibration_id
CROSS JOIN confident_rule AS rule
WHERE answer.rank = 1;
COMMENT ON VIEW identifications IS
    'The best analyte of each query of each search, with names, structure and how sure it is';
COMMENT ON COLUMN identifications.search_id IS 'The search';
COMMENT ON COLUMN identifications.study IS 'Study that the query belongs to';
COMMENT ON COLUMN identifications.library IS 'Library that it was compared with';
COMMENT ON COLUMN identifications.method IS 'How pairs were scored, as in searches';
COMMENT ON COLUMN identifications.model IS 'The model whose embeddings were compared; NULL for scores of peaks';
COMMENT ON COLUMN identifications.query_id IS 'spectrum_id of the query';
COMMENT ON COLUMN identifications.native_id IS 'Identifier of the query in its file';
COMMENT ON COLUMN identifications.run_id IS 'The run that the query was measured in';
COMMENT ON COLUMN identifications.sample_id IS 'The sample of that run';
COMMENT ON COLUMN identifications.precursor_mz IS 'm/z of the query''s precursor ion, as stated where it is';
COMMENT ON COLUMN identifications.ion_mode IS 'Ion mode of the query: positive or negative';
COMMENT ON COLUMN identifications.retention_time_s IS 'Retention time of the query in seconds';
COMMENT ON COLUMN identifications.analyte_id IS 'The analyte that it was answered with';
COMMENT ON COLUMN identifications.name IS 'Name of the library record that it matched';
COMMENT ON COLUMN identifications.analyte_name IS 'Commonest plain name of the analyte in that library';
COMMENT ON COLUMN identifications.formula IS 'Molecular formula of the library record';
COMMENT ON COLUMN identifications.smiles IS 'RDKit canonical SMILES of the library record';
COMMENT ON COLUMN identifications.inchikey IS 'InChIKey of the library record';
COMMENT ON COLUMN identifications.adduct IS 'Adduct of the library spectrum';
COMMENT ON COLUMN identifications.query_adduct IS 'Adduct of the query as its source states it; NULL where it does not';
COMMENT ON COLUMN identifications.score IS 'Similarity of query and library spectrum';
COMMENT ON COLUMN identifications.matched_peaks IS
    'Peaks of the query that have a peak of the library spectrum within the fragment tolerance';
COMMENT ON COLUMN identifications.ppm_error IS
    'Precursor of the library spectrum minus that of the query, in ppm of the query''s';
COMMENT ON COLUMN identifications.n_candidate_analytes IS
    'Analytes of the library inside the precursor window of the query; in an open search all of its ion mode';
COMMENT ON COLUMN identifications.score_gap IS 'Score minus that of the next analyte; NULL without one';
COMMENT ON COLUMN identifications.ambiguous IS
    'Whether the next analyte scores too close to this one to tell: within calibrations.ambiguous_gap, or 0.01 where '
    'not calibrated';
COMMENT ON COLUMN identifications.probability IS
    'Calibrated probability that the answer is right; NULL where the search was not calibrated';
COMMENT ON COLUMN identifications.q_value IS
    'False discovery rate among answers as sure as this one or surer, in a laboratory worse than nine of ten, as in '
    'hits';
COMMENT ON COLUMN identifications.confident IS
    'Whether the answer meets the rule of the view confident_rule and its adduct is not another than query_adduct; '
    'NULL where the rule asks for what the search has not';
COMMENT ON COLUMN identifications.library_spectrum_id IS 'spectrum_id of the best library spectrum';
COMMENT ON COLUMN identifications.library_native_id IS 'Identifier of the library spectrum in its source';
COMMENT ON COLUMN identifications.library_precursor_mz IS
    'm/z at which the library spectrum was searched; ppm_error is with respect to it';
COMMENT ON COLUMN identifications.precursor_source IS
    'Where that m/z comes from: stated by the library, or computed from structure and adduct, where none is stated or '
    'it disagrees with them';
COMMENT ON COLUMN identifications.cluster_id IS
    'By cluster: the spectrum that was searched in the place of the query; NULL: the query itself';
