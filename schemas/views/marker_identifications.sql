-- What the spectra of each marker were identified as: up to five analytes a marker and search, those of most spectra first.
-- Inputs: group_markers, spectrum_codewords, identifications. Parameters: none. Columns: as selected.
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
        max(i.score) AS best_score
    FROM identifications AS i
    INNER JOIN spectrum_codewords AS c ON c.spectrum_id = i.query_id
    GROUP BY c.codebook, c.codeword, i.study, i.search_id, i.analyte_id
    QUALIFY
        row_number() OVER (
            PARTITION BY c.codebook, c.codeword, i.study, i.search_id
            ORDER BY n_spectra DESC, best_score DESC, i.analyte_id
        ) <= 5
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
    f.analyte_id,
    f.name,
    f.n_spectra,
    f.best_score
FROM group_markers AS m
INNER JOIN found AS f ON f.codebook = m.codebook AND f.codeword = m.codeword AND f.study = m.study;
COMMENT ON VIEW marker_identifications IS 'What the spectra of each marker were identified as, the most frequent analytes of each search';
COMMENT ON COLUMN marker_identifications.group_value IS 'The group that is compared with all others';
COMMENT ON COLUMN marker_identifications.codeword IS 'The cluster of spectra';
COMMENT ON COLUMN marker_identifications.name IS 'Name of the analyte';
COMMENT ON COLUMN marker_identifications.n_spectra IS 'Spectra of the cluster whose best answer it is';
COMMENT ON COLUMN marker_identifications.best_score IS 'Best score of these answers';
