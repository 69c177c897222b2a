-- The clusters of spectra that are most clearly commoner in a group, with what a search found their spectra to be.
-- Inputs: group_markers, spectra, spectrum_codewords, identifications, spectrum_adducts.
-- Parameters: $study, $target, $group, $level, $codebook; $search (NULL: none); $k, how many.
-- Columns: codeword, log2_fold, cliffs_delta, q_value, n_spectra (all of the cluster), precursor_mz, retention_time_s (of the spectrum nearest to the centre),
--   n_answered (spectra of the cluster that the search answered), name, analyte_id, n_identified (answered so; of the answers that co-eluting
--   adducts do not speak against the commonest, of equally common ones that with the best score; only where there is none, one that they do), and the best spectrum with this answer: query_id, native_id, query_mz,
--   library_spectrum_id, library_native_id, adduct, score, probability, hit_q_value, matched_peaks, ambiguous.
WITH best AS (
    SELECT *
    FROM group_markers
    WHERE
        study = $study AND target = $target AND group_value = $group AND level = $level AND codebook = $codebook AND cliffs_delta > 0
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
        count_if(contradicted) OVER (PARTITION BY codeword, analyte_id) > count_if(agrees) OVER (PARTITION BY codeword, analyte_id) AS doubted
    FROM answers
),
named AS (
    SELECT *
    FROM counted
    QUALIFY row_number() OVER (PARTITION BY codeword ORDER BY doubted, n_identified DESC, score DESC, analyte_id, query_id) = 1
)
SELECT
    best.codeword,
    best.log2_fold,
    best.cliffs_delta,
    best.q_value,
    (SELECT count(*) FROM spectrum_codewords AS words WHERE words.codebook = $codebook AND words.codeword = best.codeword) AS n_spectra,
    centre.precursor_mz,
    centre.retention_time_s,
    coalesce(named.n_answered, 0) AS n_answered,
    named.name,
    named.analyte_id,
    coalesce(named.n_identified, 0) AS n_identified,
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
    named.ambiguous
FROM best
INNER JOIN spectra AS centre ON centre.spectrum_id = best.spectrum_id
LEFT JOIN named ON named.codeword = best.codeword
ORDER BY best.q_value, best.cliffs_delta DESC, best.codeword;
