-- The clusters that are most clearly commoner in each group than in the others, each with the spectrum nearest to its centre and the analyte
-- that most of its spectra were identified as.
-- Inputs: group_markers, spectra, marker_identifications. Parameters: $study, $target, $level, $codebook; $k, markers of each group.
-- Columns: group_value, codeword, log2_fold, cliffs_delta, q_value, weight, n_spectra, spectrum_id, precursor_mz, name (NULL: none).
WITH best AS (
    SELECT *
    FROM group_markers
    WHERE study = $study AND target = $target AND level = $level AND codebook = $codebook AND cliffs_delta > 0
    QUALIFY row_number() OVER (PARTITION BY group_value ORDER BY q_value, cliffs_delta DESC, codeword) <= $k
)
SELECT
    best.group_value, best.codeword, best.log2_fold, best.cliffs_delta, best.q_value, best.weight, best.n_spectra, best.spectrum_id,
    spectra.precursor_mz, named.name
FROM best
INNER JOIN spectra ON spectra.spectrum_id = best.spectrum_id
LEFT JOIN (
    SELECT codebook, codeword, name
    FROM marker_identifications
    WHERE study = $study
    QUALIFY row_number() OVER (PARTITION BY codebook, codeword ORDER BY n_spectra DESC, best_score DESC, analyte_id, search_id) = 1
) AS named ON named.codebook = best.codebook AND named.codeword = best.codeword
ORDER BY best.group_value, best.q_value, best.cliffs_delta DESC, best.codeword;
