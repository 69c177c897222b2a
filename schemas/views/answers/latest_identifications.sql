-- What each spectrum was identified as by the newest search of its study: what is meant where no search is named.
-- Inputs: identifications, latest_searches, samples. Parameters: none. Columns: those of identifications; what the
--   sample table says of the sample; identifiers also as text, for clients that round integers of 63 bits. A query has
--   at most one row.
CREATE OR REPLACE VIEW latest_identifications AS
SELECT
    identifications.*,
    samples.sample_type,
    samples.sample_group,
    identifications.query_id::VARCHAR AS query_id_text,
    identifications.library_spectrum_id::VARCHAR AS library_spectrum_id_text
FROM identifications
LEFT JOIN samples ON samples.sample_id = identifications.sample_id
WHERE identifications.search_id IN (SELECT latest_searches.search_id FROM latest_searches);
COMMENT ON VIEW latest_identifications IS
    'The best analyte of each query in the newest search of its study (view latest_searches), with names, structure '
    'and how sure it is';
COMMENT ON COLUMN latest_identifications.search_id IS 'The search';
COMMENT ON COLUMN latest_identifications.study IS 'Study that the query belongs to';
COMMENT ON COLUMN latest_identifications.library IS 'Library that it was compared with';
COMMENT ON COLUMN latest_identifications.method IS 'How pairs were scored, as in searches';
COMMENT ON COLUMN latest_identifications.model IS 'The model whose embeddings were compared; NULL for scores of peaks';
COMMENT ON COLUMN latest_identifications.query_id IS 'spectrum_id of the query';
COMMENT ON COLUMN latest_identifications.native_id IS 'Identifier of the query in its file';
COMMENT ON COLUMN latest_identifications.run_id IS 'The run that the query was measured in';
COMMENT ON COLUMN latest_identifications.sample_id IS 'The sample of that run';
COMMENT ON COLUMN latest_identifications.precursor_mz IS 'm/z of the query''s precursor ion, as stated where it is';
COMMENT ON COLUMN latest_identifications.ion_mode IS 'Ion mode of the query: positive or negative';
COMMENT ON COLUMN latest_identifications.retention_time_s IS 'Retention time of the query in seconds';
COMMENT ON COLUMN latest_identifications.analyte_id IS 'The analyte that it was answered with';
COMMENT ON COLUMN latest_identifications.name IS 'Name of the library record that it matched';
COMMENT ON COLUMN latest_identifications.analyte_name IS 'Commonest plain name of the analyte in that library';
COMMENT ON COLUMN latest_identifications.formula IS 'Molecular formula of the library record';
COMMENT ON COLUMN latest_identifications.smiles IS 'RDKit canonical SMILES of the library record';
COMMENT ON COLUMN latest_identifications.inchikey IS 'InChIKey of the library record';
COMMENT ON COLUMN latest_identifications.adduct IS 'Adduct of the library spectrum';
COMMENT ON COLUMN latest_identifications.query_adduct IS
    'Adduct of the query as its source states it; NULL where it does not';
COMMENT ON COLUMN latest_identifications.score IS 'Similarity of query and library spectrum';
COMMENT ON COLUMN latest_identifications.matched_peaks IS
    'Peaks of the query that have a peak of the library spectrum within the fragment tolerance';
COMMENT ON COLUMN latest_identifications.ppm_error IS
    'Precursor of the library spectrum minus that of the query, in ppm of the query''s';
COMMENT ON COLUMN latest_identifications.n_candidate_analytes IS
    'Analytes of the library inside the precursor window of the query; in an open search all of its ion mode';
COMMENT ON COLUMN latest_identifications.score_gap IS 'Score minus that of the next analyte; NULL without one';
COMMENT ON COLUMN latest_identifications.ambiguous IS
    'Whether the next analyte scores too close to this one to tell: within calibrations.ambiguous_gap, or 0.01 where '
    'not calibrated';
COMMENT ON COLUMN latest_identifications.probability IS
    'Calibrated probability that the answer is right; NULL where the search was not calibrated';
COMMENT ON COLUMN latest_identifications.q_value IS
    'False discovery rate among answers as sure as this one or surer, in a laboratory worse than nine of ten, as in '
    'hits';
COMMENT ON COLUMN latest_identifications.confident IS
    'Whether the answer meets the rule of the view confident_rule and its adduct is not another than query_adduct; '
    'NULL where the rule asks for what the search has not';
COMMENT ON COLUMN latest_identifications.library_spectrum_id IS 'spectrum_id of the best library spectrum';
COMMENT ON COLUMN latest_identifications.library_native_id IS 'Identifier of the library spectrum in its source';
COMMENT ON COLUMN latest_identifications.library_precursor_mz IS
    'm/z at which the library spectrum was searched; ppm_error is with respect to it';
COMMENT ON COLUMN latest_identifications.precursor_source IS
    'Where that m/z comes from: stated by the library, or computed from structure and adduct, where none is stated or '
    'it disagrees with them';
COMMENT ON COLUMN latest_identifications.cluster_id IS
    'By cluster: the spectrum that was searched in the place of the query; NULL: the query itself';
COMMENT ON COLUMN latest_identifications.sample_type IS
    'Kind of sample: sample, blank, QC, as the sample table spells it; NULL: not stated';
COMMENT ON COLUMN latest_identifications.sample_group IS 'Group of the study design; NULL: not stated';
COMMENT ON COLUMN latest_identifications.query_id_text IS
    'query_id as text: programs in JavaScript round integers this large';
COMMENT ON COLUMN latest_identifications.library_spectrum_id_text IS 'library_spectrum_id as text';
