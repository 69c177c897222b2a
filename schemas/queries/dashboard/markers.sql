-- Which clusters of spectra are commoner in a group than elsewhere: the tile "Markers" of the dashboard.
-- Inputs: group_markers, marker_identifications, codeword_precursors. Parameters: none.
-- Columns: study, target, group_value, level, codebook, drawing (the comparison in words), codeword, log2_fold,
--   cliffs_delta, q_value, minus_log10_q (at most 16), precursor_mz (the commonest of the cluster), name (what at least
--   half of its spectra were identified as, or "not named"), n_spectra. At most 250 a comparison and group: those of
--   least q_value.
WITH named AS (
    SELECT study, target, group_value, level, codebook, codeword, name
    FROM marker_identifications
    WHERE place = 1 AND names_cluster
)
SELECT
    g.study,
    g.target,
    g.group_value,
    g.level,
    g.codebook,
    concat(g.study, ': ', g.target, ', by ', g.level, ', clusters ', g.codebook) AS drawing,
    g.codeword,
    g.log2_fold,
    g.cliffs_delta,
    g.q_value,
    -log10(greatest(g.q_value, 1e-16)) AS minus_log10_q,
    p.precursor_mz,
    coalesce(n.name, 'not named') AS name,
    g.n_spectra
FROM group_markers AS g
LEFT JOIN codeword_precursors AS p ON p.codebook = g.codebook AND p.codeword = g.codeword
LEFT JOIN named AS n
    ON
        n.study = g.study
        AND n.target = g.target
        AND n.group_value = g.group_value
        AND n.level = g.level
        AND n.codebook = g.codebook
        AND n.codeword = g.codeword
WHERE g.cliffs_delta > 0
QUALIFY row_number() OVER (
    PARTITION BY g.study, g.target, g.group_value, g.level, g.codebook
    ORDER BY g.q_value, g.cliffs_delta DESC, g.codeword
) <= 250
ORDER BY g.study, drawing, g.group_value, g.q_value, g.cliffs_delta DESC, g.codeword;
