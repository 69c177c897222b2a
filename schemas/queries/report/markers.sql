-- The clusters of spectra that are most clearly commoner in a group, with what a search found their spectra to be.
-- Inputs: group_markers, codeword_precursors, spectrum_codewords, identifications, spectrum_adducts.
-- Parameters: $study, $target, $group, $level, $codebook; $search (NULL: none); $k, how many.
-- Columns: codeword, log2_fold, cliffs_delta, q_value, n_spectra (all of the cluster), precursor_mz (the commonest of
--   the cluster), n_at_mz (spectra that have it), n_answered (spectra of the cluster that the search answered), name,
--   analyte_id, n_identified (answered so; of the answers that co-eluting adducts do not speak against the commonest,
--   of equally common ones that with the best score), names_cluster (it is the answer of at least half of the spectra;
--   no other answer is given as name), n_confident (of these; NULL: the search cannot tell), and the best spectrum with
--   this answer: query_id, native_id, query_mz, library_spectrum_id, library_native_id, adduct, score, probability,
--   hit_q_value, matched_peaks, ambiguous, confident.
WITH best AS (
    SELECT *
    FROM group_markers
    WHERE
        study = $study
        AND target = $target
        AND group_value = $group
        AND level = $level
        AND codebook = $codebook
        AND cliffs_delta > 0
    QUALIFY row_number() OVER (ORDER BY q_value, cliffs_delta DESC, codeword) <= $k
),
answers AS (
    SELECT words.codeword, found.*, told.adduct = found.adduct AS agrees, told.adduct <> found.adduct AS contradicted
    FROM identifications AS found
    INNER JOIN spectrum_codewords AS words ON words.spectrum_id = found.query_id AND words.codebook = $codebook
    LEFT JOIN spectrum_adducts AS told ON told.spectrum_id = found.query_id
    SEMI JOIN best ON best.codeword = words.codeword
    WHERE found.search_id = $search
),
counted AS (
    SELECT
        *,
        count(*) OVER (PARTITION BY codeword) AS n_answered,
        count(*) OVER (PARTITION BY codeword, analyte_id) AS n_identified,
        count(confident) OVER (PARTITION BY codeword, analyte_id) AS n_told,
        count(*) FILTER (confident) OVER (PARTITION BY codeword, analyte_id) AS n_confident,
        count(*) FILTER (contradicted) OVER (PARTITION BY codeword, analyte_id)
        > count(*) FILTER (agrees) OVER (PARTITION BY codeword, analyte_id) AS doubted
    FROM answers
),
named AS (
    SELECT *
    FROM counted
    WHERE NOT doubted
    QUALIFY row_number() OVER (PARTITION BY codeword ORDER BY n_identified DESC, score DESC, analyte_id, query_id) = 1
)
SELECT
    best.codeword,
    best.log2_fold,
    best.cliffs_delta,
    best.q_value,
    coalesce(precursors.n_spectra, 0) AS n_spectra,
    precursors.precursor_mz,
    precursors.n_at_mz,
    coalesce((SELECT max(n_answered) FROM counted WHERE counted.codeword = best.codeword), 0) AS n_answered,
    named.name,
    named.analyte_id,
    coalesce(named.n_identified, 0) AS n_identified,
    2 * coalesce(named.n_identified, 0) >= precursors.n_spectra AS names_cluster,
    CASE WHEN named.n_told = named.n_identified THEN named.n_confident END AS n_confident,
    named.query_id,
    named.native_id,
    named.precursor_mz AS query_mz,
    named.library_spectrum_id,
    named.library_native_id,
    named.adduct,
    named.score::DOUBLE AS score,
    named.probability,
    named.q_value AS hit_q_value,
    named.matched_peaks,
    named.ambiguous,
    named.confident
FROM best
LEFT JOIN codeword_precursors AS precursors ON precursors.codebook = $codebook AND precursors.codeword = best.codeword
LEFT JOIN named ON named.codeword = best.codeword
ORDER BY best.q_value, best.cliffs_delta DESC, best.codeword;
