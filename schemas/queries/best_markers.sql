-- The clusters that are most clearly commoner in each group than in the others, each with the spectrum nearest to its centre and the analyte
-- that most of its spectra were identified as. A marker that is for the most part another adduct of a clearer one is not listed beside it; an answer that
-- co-eluting adducts speak against is no name.
-- Inputs: group_markers, spectra, marker_identifications, marker_adducts, spectrum_adducts. Parameters: $study, $target, $level, $codebook; $k,
-- markers of each group.
-- Columns: group_value, codeword, log2_fold, cliffs_delta, q_value, weight, n_spectra, spectrum_id, precursor_mz, seen_adduct (of that spectrum by those that
--   elute with it; NULL: not told), other_codewords (not listed, for they are other adducts of this); name, adduct, ppm_error, probability of the best
--   answer (NULL: none).
WITH ranked AS (
    SELECT *, row_number() OVER (PARTITION BY group_value ORDER BY q_value, cliffs_delta DESC, codeword) AS place
    FROM group_markers
    WHERE study = $study AND target = $target AND level = $level AND codebook = $codebook AND cliffs_delta > 0
),
other_adducts AS (
    SELECT links.group_value, links.other_codeword AS codeword, links.codeword AS other_codeword
    FROM marker_adducts AS links
    INNER JOIN ranked AS less ON less.group_value = links.group_value AND less.codeword = links.codeword
    INNER JOIN ranked AS clearer ON clearer.group_value = links.group_value AND clearer.codeword = links.other_codeword
    WHERE
        links.study = $study AND links.target = $target AND links.level = $level AND links.codebook = $codebook
        AND clearer.place < less.place
),
best AS (
    SELECT ranked.*
    FROM ranked
    ANTI JOIN other_adducts ON other_adducts.group_value = ranked.group_value AND other_adducts.other_codeword = ranked.codeword
    QUALIFY row_number() OVER (PARTITION BY ranked.group_value ORDER BY ranked.place) <= $k
),
named AS (
    SELECT codebook, codeword, name, adduct, ppm_error, probability
    FROM marker_identifications
    WHERE study = $study AND target = $target AND level = $level AND n_contradict <= n_agree
    QUALIFY row_number() OVER (PARTITION BY codebook, codeword ORDER BY n_spectra DESC, best_score DESC, analyte_id, search_id) = 1
)
SELECT
    best.group_value, best.codeword, best.log2_fold, best.cliffs_delta, best.q_value, best.weight, best.n_spectra, best.spectrum_id,
    spectra.precursor_mz,
    seen.adduct AS seen_adduct,
    coalesce(hidden.codewords, []) AS other_codewords,
    named.name, named.adduct, named.ppm_error, named.probability
FROM best
INNER JOIN spectra ON spectra.spectrum_id = best.spectrum_id
LEFT JOIN spectrum_adducts AS seen ON seen.spectrum_id = best.spectrum_id
LEFT JOIN (
    SELECT group_value, codeword, list(other_codeword ORDER BY other_codeword) AS codewords
    FROM other_adducts
    GROUP BY group_value, codeword
) AS hidden ON hidden.group_value = best.group_value AND hidden.codeword = best.codeword
LEFT JOIN named ON named.codebook = best.codebook AND named.codeword = best.codeword
ORDER BY best.group_value, best.place;
