-- What the spectra of each marker, a cluster that is commoner in a group than elsewhere, were identified as by one
-- search: up to five analytes a marker. Of two groups a cluster marks one only. First those that
-- co-eluting adducts do not speak against (n_contradict at most n_agree), then those of most spectra, then those of the
-- best score.
--
-- Inputs: group_markers, spectrum_codewords, identifications, latest_searches, spectrum_adducts.
-- Parameters: search: a search_id; NULL: the newest search of each study.
-- Columns: study, target, group_value, level, codebook, codeword, log2_fold, cliffs_delta, q_value, weight (of
--   group_markers); search_id, place, analyte_id, name, n_spectra (of the cluster, answered so), n_cluster (all of it),
--   names_cluster (n_spectra is at least half of n_cluster, and adducts do not speak against it: an answer to a few
--   spectra of another precursor does not name the cluster), n_confident (NULL where the rule of confident_rule cannot
--   be applied); of the best answer best_score, adduct, ppm_error, probability; n_agree, n_contradict.
CREATE OR REPLACE MACRO marker_answers(search := NULL) AS TABLE
WITH meant AS (
    SELECT l.search_id FROM latest_searches AS l WHERE search IS NULL
    UNION ALL
    SELECT s.search_id FROM searches AS s WHERE s.search_id = search
),
sizes AS (
    SELECT c.codebook, c.codeword, count(*) AS n_cluster FROM spectrum_codewords AS c GROUP BY c.codebook, c.codeword
),
found AS (
    SELECT
        c.codebook,
        c.codeword,
        i.study,
        i.search_id,
        i.analyte_id,
        min(coalesce(i.analyte_name, i.name)) AS name,
        count(*) AS n_spectra,
        CASE WHEN bool_and(i.confident IS NOT NULL) THEN count(*) FILTER (i.confident) END AS n_confident,
        max(
            {
                score: i.score,
                minus_query: -i.query_id,
                adduct: i.adduct,
                ppm_error: i.ppm_error,
                probability: i.probability
            }
        ) AS best,
        count(*) FILTER (e.adduct = i.adduct) AS n_agree,
        count(*) FILTER (e.adduct <> i.adduct) AS n_contradict,
        row_number() OVER (
            PARTITION BY c.codebook, c.codeword, i.study, i.search_id
            ORDER BY n_contradict > n_agree, n_spectra DESC, max(i.score) DESC, i.analyte_id
        ) AS place
    FROM identifications AS i
    INNER JOIN meant AS m ON m.search_id = i.search_id
    INNER JOIN spectrum_codewords AS c ON c.spectrum_id = i.query_id
    LEFT JOIN spectrum_adducts AS e ON e.spectrum_id = i.query_id
    GROUP BY c.codebook, c.codeword, i.study, i.search_id, i.analyte_id
    QUALIFY place <= 5
)
SELECT
    g.study,
    g.target,
    g.group_value,
    g.level,
    g.codebook,
    g.codeword,
    g.log2_fold,
    g.cliffs_delta,
    g.q_value,
    g.weight,
    f.search_id,
    f.place,
    f.analyte_id,
    f.name,
    f.n_spectra,
    s.n_cluster,
    2 * f.n_spectra >= s.n_cluster AND f.n_contradict <= f.n_agree AS names_cluster,
    f.n_confident,
    f.best.score AS best_score,
    f.best.adduct AS adduct,
    f.best.ppm_error AS ppm_error,
    f.best.probability AS probability,
    f.n_agree,
    f.n_contradict
FROM group_markers AS g
INNER JOIN found AS f ON f.codebook = g.codebook AND f.codeword = g.codeword AND f.study = g.study
INNER JOIN sizes AS s ON s.codebook = g.codebook AND s.codeword = g.codeword
WHERE g.cliffs_delta > 0;
COMMENT ON MACRO TABLE marker_answers IS
    'What the spectra of each marker were identified as by a search: the most frequent analytes, whether one names '
    'the cluster, and what co-eluting adducts say';
