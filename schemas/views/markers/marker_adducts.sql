-- Markers of a group that are, for the most part, other adducts of what another marker of the group is: clusters
-- commoner in the group of which at least half of the spectra elute with a spectrum of the other cluster that fits as
-- another adduct of the same neutral mass (macro adduct_pairs, with its defaults), in at least two runs. It need not
-- hold the other way round: the other cluster can hold more compounds.
-- Inputs: group_markers, spectrum_codewords, adduct_pairs. Parameters: none. Columns: as selected.
CREATE OR REPLACE VIEW marker_adducts AS
WITH sizes AS (
    SELECT c.codebook, c.codeword, count(*) AS n_spectra FROM spectrum_codewords AS c GROUP BY c.codebook, c.codeword
),
pairs AS (
    SELECT a.codebook, a.codeword, b.codeword AS other_codeword, p.spectrum_id, p.run_id, p.adduct, p.partner_adduct
    FROM adduct_pairs() AS p
    INNER JOIN spectrum_codewords AS a ON a.spectrum_id = p.spectrum_id
    INNER JOIN spectrum_codewords AS b
        ON b.spectrum_id = p.partner_id AND b.codebook = a.codebook AND b.codeword <> a.codeword
),
counted AS (
    SELECT codebook, codeword, other_codeword, count(DISTINCT spectrum_id) AS n_paired, count(DISTINCT run_id) AS n_runs
    FROM pairs
    GROUP BY codebook, codeword, other_codeword
),
commonest AS (
    SELECT codebook, codeword, other_codeword, max({n: n, adduct: adduct, other_adduct: partner_adduct}) AS kind
    FROM (
        SELECT codebook, codeword, other_codeword, adduct, partner_adduct, count(*) AS n
        FROM pairs
        GROUP BY codebook, codeword, other_codeword, adduct, partner_adduct
    )
    GROUP BY codebook, codeword, other_codeword
)
SELECT
    m.study, m.target, m.group_value, m.level, m.codebook,
    m.codeword, k.kind.adduct AS adduct, c.other_codeword, k.kind.other_adduct AS other_adduct,
    c.n_paired, s.n_spectra
FROM group_markers AS m
INNER JOIN counted AS c ON c.codebook = m.codebook AND c.codeword = m.codeword
INNER JOIN commonest AS k ON k.codebook = c.codebook AND k.codeword = c.codeword AND k.other_codeword = c.other_codeword
INNER JOIN sizes AS s ON s.codebook = m.codebook AND s.codeword = m.codeword
INNER JOIN group_markers AS o
    ON
        o.study = m.study AND o.target = m.target AND o.group_value = m.group_value AND o.level = m.level
        AND o.codebook = m.codebook AND o.codeword = c.other_codeword
WHERE m.cliffs_delta > 0 AND o.cliffs_delta > 0 AND c.n_paired >= 0.5 * s.n_spectra AND c.n_runs >= 2;
COMMENT ON VIEW marker_adducts IS
    'Markers of a group that are, for the most part, other adducts of what another marker of the group is';
COMMENT ON COLUMN marker_adducts.group_value IS 'The group that is compared with all others';
COMMENT ON COLUMN marker_adducts.codeword IS 'The cluster of spectra';
COMMENT ON COLUMN marker_adducts.adduct IS 'What its spectra are, by what elutes with them; the commonest';
COMMENT ON COLUMN marker_adducts.other_codeword IS 'The cluster with other adducts of the same compounds';
COMMENT ON COLUMN marker_adducts.other_adduct IS 'What the spectra of the other cluster are';
COMMENT ON COLUMN marker_adducts.n_paired IS
    'Spectra of the cluster that elute with another adduct in the other cluster';
COMMENT ON COLUMN marker_adducts.n_spectra IS 'Spectra of the cluster';
COMMENT ON COLUMN marker_adducts.study IS 'Name of the study';
COMMENT ON COLUMN marker_adducts.target IS
    'Column of the sample table that makes the groups, or a condition on it such as tomato>0';
COMMENT ON COLUMN marker_adducts.level IS 'run or sample';
COMMENT ON COLUMN marker_adducts.codebook IS 'The codebook';
