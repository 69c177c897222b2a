-- What each spectrum may be: every ranked analyte of every query of every search, with names. The first rank is what
-- the view identifications has, which says of it how sure it is.
-- Inputs: hits, searches, spectra, runs, annotations. Parameters: none. Columns: as selected.
CREATE OR REPLACE VIEW candidates AS
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
    hits.rank,
    hits.analyte_id,
    entry.name,
    entry.analyte_name,
    entry.formula,
    entry.smiles,
    entry.inchikey,
    l.adduct,
    q.adduct AS query_adduct,
    hits.score,
    hits.matched_peaks,
    hits.ppm_error,
    hits.n_candidate_analytes,
    hits.score_gap,
    hits.probability,
    hits.q_value,
    hits.library_spectrum_id,
    l.native_id AS library_native_id,
    l.precursor_mz AS library_precursor_mz,
    l.precursor_source,
    hits.cluster_id
FROM hits
INNER JOIN searches USING (search_id)
INNER JOIN spectra AS q ON q.spectrum_id = hits.query_id
INNER JOIN spectra AS l ON l.spectrum_id = hits.library_spectrum_id
INNER JOIN annotations AS entry ON entry.spectrum_id = hits.library_spectrum_id
LEFT JOIN runs ON runs.run_id = q.run_id;
COMMENT ON VIEW candidates IS 'Every ranked analyte of each query of each search, with names and structure';
COMMENT ON COLUMN candidates.search_id IS 'The search';
COMMENT ON COLUMN candidates.study IS 'Study that the query belongs to';
COMMENT ON COLUMN candidates.library IS 'Library that it was compared with';
COMMENT ON COLUMN candidates.method IS 'How pairs were scored, as in searches';
COMMENT ON COLUMN candidates.model IS 'The model whose embeddings were compared; NULL for scores of peaks';
COMMENT ON COLUMN candidates.query_id IS 'spectrum_id of the query';
COMMENT ON COLUMN candidates.native_id IS 'Identifier of the query in its file';
COMMENT ON COLUMN candidates.run_id IS 'The run that the query was measured in';
COMMENT ON COLUMN candidates.sample_id IS 'The sample of that run';
COMMENT ON COLUMN candidates.precursor_mz IS 'm/z of the query''s precursor ion, as stated where it is';
COMMENT ON COLUMN candidates.ion_mode IS 'Ion mode of the query: positive or negative';
COMMENT ON COLUMN candidates.retention_time_s IS 'Retention time of the query in seconds';
COMMENT ON COLUMN candidates.rank IS 'Rank of the analyte: by score, ties by analyte_id';
COMMENT ON COLUMN candidates.analyte_id IS 'The candidate analyte';
COMMENT ON COLUMN candidates.name IS 'Name of the library record that it matched';
COMMENT ON COLUMN candidates.analyte_name IS 'Commonest plain name of the analyte in that library';
COMMENT ON COLUMN candidates.formula IS 'Molecular formula of the library record';
COMMENT ON COLUMN candidates.smiles IS 'RDKit canonical SMILES of the library record';
COMMENT ON COLUMN candidates.inchikey IS 'InChIKey of the library record';
COMMENT ON COLUMN candidates.adduct IS 'Adduct of the library spectrum';
COMMENT ON COLUMN candidates.query_adduct IS 'Adduct of the query as its source states it; NULL where it does not';
COMMENT ON COLUMN candidates.score IS 'Similarity of query and library spectrum';
COMMENT ON COLUMN candidates.matched_peaks IS
    'Peaks of the query that have a peak of the library spectrum within the fragment tolerance';
COMMENT ON COLUMN candidates.ppm_error IS
    'Precursor of the library spectrum minus that of the query, in ppm of the query''s';
COMMENT ON COLUMN candidates.n_candidate_analytes IS
    'Analytes of the library inside the precursor window of the query; in an open search all of its ion mode';
COMMENT ON COLUMN candidates.score_gap IS 'Score minus that of the next analyte; NULL without one';
COMMENT ON COLUMN candidates.probability IS
    'Calibrated probability that it is right; NULL for other ranks than the first, and where not calibrated';
COMMENT ON COLUMN candidates.q_value IS
    'False discovery rate of answers as sure as this one, as in hits; NULL where probability is';
COMMENT ON COLUMN candidates.library_spectrum_id IS 'spectrum_id of the best library spectrum';
COMMENT ON COLUMN candidates.library_native_id IS 'Identifier of the library spectrum in its source';
COMMENT ON COLUMN candidates.library_precursor_mz IS
    'm/z at which the library spectrum was searched; ppm_error is with respect to it';
COMMENT ON COLUMN candidates.precursor_source IS
    'Where that m/z comes from: stated by the library, or computed from structure and adduct, where none is '
    'stated or it disagrees with them';
COMMENT ON COLUMN candidates.cluster_id IS
    'By cluster: the spectrum that was searched in the place of the query; NULL: the query itself';
