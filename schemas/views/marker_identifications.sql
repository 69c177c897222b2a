-- What the spectra of each marker were identified as: up to five analytes a marker and search. First those that co-eluting adducts do not speak against
-- (n_contradict at most n_agree), then those of most spectra, then those of the best score.
-- Inputs: group_markers, spectrum_codewords, identifications, spectrum_adducts. Parameters: none. Columns: as selected.
CREATE OR REPLACE VIEW marker_identifications AS
WITH found AS (
    SELECT
        c.codebook,
        c.codeword,
        i.study,
        i.search_id,
        i.analyte_id,
        any_value(i.name) AS name,
        count(*) AS n_spectra,
        max(
            {score: i.score, minus_query: -i.query_id, adduct: i.adduct, ppm_error: i.ppm_error, probability: i.probability}
        ) AS best,
        count(*) FILTER (e.adduct = i.adduct) AS n_agree,
        count(*) FILTER (e.adduct <> i.adduct) AS n_contradict,
        row_number() OVER (
            PARTITION BY c.codebook, c.codeword, i.study, i.search_id
            ORDER BY n_contradict > n_agree, n_spectra DESC, max(i.score) DESC, i.analyte_id
        ) AS place
    FROM identifications AS i
    INNER JOIN spectrum_codewords AS c ON c.spectrum_id = i.query_id
    LEFT JOIN spectrum_adducts AS e ON e.spectrum_id = i.query_id
    GROUP BY c.codebook, c.codeword, i.study, i.search_id, i.analyte_id
    QUALIFY place <= 5
)
SELECT
    m.study,
    m.target,
    m.group_value,
    m.level,
    m.codebook,
    m.codeword,
    m.log2_fold,
    m.cliffs_delta,
    m.q_value,
    m.weight,
    f.search_id,
    f.place,
    f.analyte_id,
    f.name,
    f.n_spectra,
    f.best.score AS best_score,
    f.best.adduct AS adduct,
    f.best.ppm_error AS ppm_error,
    f.best.probability AS probability,
    f.n_agree,
    f.n_contradict
FROM group_markers AS m
INNER JOIN found AS f ON f.codebook = m.codebook AND f.codeword = m.codeword AND f.study = m.study;
COMMENT ON VIEW marker_identifications IS
    'What the spectra of each marker were identified as, the most frequent analytes of each search, with the adduct of the hit and what co-eluting adducts say of it';
COMMENT ON COLUMN marker_identifications.group_value IS 'The group that is compared with all others';
COMMENT ON COLUMN marker_identifications.codeword IS 'The cluster of spectra';
COMMENT ON COLUMN marker_identifications.place IS 'Place of the analyte among the answers of this search to the marker, from 1';
COMMENT ON COLUMN marker_identifications.name IS 'Name of the analyte';
COMMENT ON COLUMN marker_identifications.n_spectra IS 'Spectra of the cluster whose best answer it is';
COMMENT ON COLUMN marker_identifications.best_score IS 'Best score of these answers';
COMMENT ON COLUMN marker_identifications.adduct IS 'Adduct of the library spectrum of that answer';
COMMENT ON COLUMN marker_identifications.ppm_error IS 'Its precursor minus that of the query, in ppm';
COMMENT ON COLUMN marker_identifications.probability IS 'Its calibrated probability to be right; NULL where the search was not calibrated';
COMMENT ON COLUMN marker_identifications.n_agree IS
    'Answers with the adduct that spectra eluting with the query tell (view spectrum_adducts)';
COMMENT ON COLUMN marker_identifications.n_contradict IS 'Answers with another adduct than they tell: more likely wrong';
