-- Hits: one row per ranked candidate analyte of one query in one search.
-- Inputs: none. Parameters: none. Columns: as commented below.
CREATE TABLE hits (
    search_id VARCHAR NOT NULL,
    query_id BIGINT NOT NULL,
    rank INTEGER NOT NULL,
    analyte_id VARCHAR NOT NULL,
    library_spectrum_id BIGINT NOT NULL,
    score FLOAT NOT NULL,
    matched_peaks INTEGER NOT NULL,
    ppm_error DOUBLE NOT NULL,
    n_candidate_analytes INTEGER NOT NULL,
    score_gap FLOAT,
    probability DOUBLE,
    q_value DOUBLE,
    neighbour_score FLOAT,
    query_explained FLOAT,
    library_explained FLOAT,
    library_spectra INTEGER,
    library_contributors INTEGER,
    cluster_id BIGINT
);
COMMENT ON TABLE hits IS 'One ranked candidate analyte of one query spectrum in one search';
COMMENT ON COLUMN hits.search_id IS 'The search';
COMMENT ON COLUMN hits.query_id IS 'spectrum_id of the query';
COMMENT ON COLUMN hits.rank IS 'Rank of the analyte: by score, ties by analyte_id';
COMMENT ON COLUMN hits.analyte_id IS 'The candidate analyte';
COMMENT ON COLUMN hits.library_spectrum_id IS 'Its best spectrum in the library; of equal ones the smallest id';
COMMENT ON COLUMN hits.score IS 'Similarity of that spectrum to the query';
COMMENT ON COLUMN hits.matched_peaks IS
    'Peaks of the query that have a peak of the library spectrum within the fragment tolerance';
COMMENT ON COLUMN hits.ppm_error IS
    'Precursor of the library spectrum, as it is searched (spectra.precursor_source), minus that of the query as '
    'stated, in ppm of the query''s';
COMMENT ON COLUMN hits.n_candidate_analytes IS
    'Analytes of the library inside the precursor window of the query; in an open search all of its ion mode';
COMMENT ON COLUMN hits.score_gap IS 'Score minus that of the next analyte; NULL for the last one';
COMMENT ON COLUMN hits.probability IS
    'Calibrated probability that the first candidate is right; NULL for other ranks and where the search was not '
    'calibrated';
COMMENT ON COLUMN hits.q_value IS
    'False discovery rate among first candidates as probable as this one or more, as it is estimated for a laboratory '
    'worse than nine of ten; NULL for other ranks and where the search was not calibrated';
COMMENT ON COLUMN hits.neighbour_score IS
    'Highest score of the query against spectra that differ from it by H2, CH2 or O, and so cannot be it; NULL for '
    'other ranks, where there is none, and where the search was not calibrated';
COMMENT ON COLUMN hits.query_explained IS
    'Share of the intensity (square roots) of the query''s fragments in peaks that the library spectrum has, too; '
    'NULL as probability';
COMMENT ON COLUMN hits.library_explained IS
    'Share of the intensity (square roots) of the library spectrum''s fragments in peaks that the query has, too; '
    'NULL as probability';
COMMENT ON COLUMN hits.library_spectra IS
    'Spectra of the analyte in the library, of the query''s ion mode; NULL as probability';
COMMENT ON COLUMN hits.library_contributors IS 'Laboratories that these come from; NULL as probability';
COMMENT ON COLUMN hits.cluster_id IS
    'By cluster: the spectrum that was searched in the place of the query, see cluster_members; NULL: the query itself';
