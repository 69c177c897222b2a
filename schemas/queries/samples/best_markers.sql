-- The clusters that are most clearly commoner in each group than in the others, each with its commonest precursor and
-- the analyte that at least half of its spectra were identified as by the newest search of the study. A marker that is
-- for the most part another adduct of a clearer one is not listed beside it; an answer to a few spectra, or one whose
-- adduct is not what the spectra that elute with the cluster's tell, is no name.
-- Inputs: group_markers, codeword_precursors, marker_identifications, marker_adducts, spectrum_adducts,
--   spectrum_codewords.
-- Parameters: $study, $target, $level, $codebook; $k, markers of each group.
-- Columns: group_value, codeword, log2_fold, cliffs_delta, q_value, weight, n_spectra (of the cluster in the runs or
--   samples compared), spectrum_id (nearest to its centre), precursor_mz (the commonest), n_at_mz (spectra that have
--   it), n_cluster (all spectra of the cluster), seen_adduct (what the spectra that elute with them tell of most of
--   those of which they tell something; NULL: not told), other_codewords (not listed, for they are other adducts of
--   this); name, adduct, ppm_error, probability, n_named (spectra answered so), n_confident (of these; NULL: the search
--   cannot tell) of the answer (NULL: none).
WITH ranked AS (
    SELECT *, row_number() OVER (PARTITION BY group_value ORDER BY q_value, cliffs_delta DESC, codeword) AS place
    FROM group_markers
    WHERE study = $study AND target = $target AND level = $level AND codebook = $codebook AND cliffs_delta > 0
),
told AS (
    SELECT codeword, max({n: n, adduct: adduct}) AS commonest, sum(n) AS n_told
    FROM (
        SELECT words.codeword, seen.adduct, count(*) AS n
        FROM spectrum_codewords AS words
        INNER JOIN spectrum_adducts AS seen ON seen.spectrum_id = words.spectrum_id
        WHERE words.codebook = $codebook
        GROUP BY words.codeword, seen.adduct
    )
    GROUP BY codeword
),
seen AS (
    SELECT codeword, commonest.adduct AS adduct FROM told WHERE 2 * commonest.n > n_told
),
other_adducts AS (
    SELECT links.group_value, links.other_codeword AS codeword, links.codeword AS other_codeword
    FROM marker_adducts AS links
    INNER JOIN ranked AS less ON less.group_value = links.group_value AND less.codeword = links.codeword
    INNER JOIN ranked AS clearer ON clearer.group_value = links.group_value AND clearer.codeword = links.other_codeword
    LEFT JOIN seen ON seen.codeword = links.codeword
    LEFT JOIN seen AS other_seen ON other_seen.codeword = links.other_codeword
    WHERE
        links.study = $study AND links.target = $target AND links.level = $level AND links.codebook = $codebook
        AND clearer.place < less.place
        AND coalesce(seen.adduct, links.adduct) = links.adduct
        AND coalesce(other_seen.adduct, links.other_adduct) = links.other_adduct
),
best AS (
    SELECT ranked.*
    FROM ranked
    ANTI JOIN other_adducts
        ON other_adducts.group_value = ranked.group_value AND other_adducts.other_codeword = ranked.codeword
    QUALIFY row_number() OVER (PARTITION BY ranked.group_value ORDER BY ranked.place) <= $k
),
named AS (
    SELECT
        answers.codeword, answers.name, answers.adduct, answers.ppm_error, answers.probability,
        answers.n_spectra AS n_named,
        answers.n_confident
    FROM marker_identifications AS answers
    LEFT JOIN seen ON seen.codeword = answers.codeword
    WHERE
        study = $study AND target = $target AND level = $level AND codebook = $codebook
        AND names_cluster AND coalesce(answers.adduct = seen.adduct, true)
    QUALIFY row_number() OVER (PARTITION BY answers.codeword ORDER BY n_spectra DESC, best_score DESC, analyte_id) = 1
)
SELECT
    best.group_value,
    best.codeword,
    best.log2_fold,
    best.cliffs_delta,
    best.q_value,
    best.weight,
    best.n_spectra,
    best.spectrum_id,
    precursors.precursor_mz, precursors.n_at_mz, precursors.n_spectra AS n_cluster,
    seen.adduct AS seen_adduct,
    coalesce(hidden.codewords, []) AS other_codewords,
    named.name, named.adduct, named.ppm_error, named.probability, named.n_named, named.n_confident
FROM best
LEFT JOIN codeword_precursors AS precursors
    ON precursors.codebook = best.codebook AND precursors.codeword = best.codeword
LEFT JOIN seen ON seen.codeword = best.codeword
LEFT JOIN (
    SELECT group_value, codeword, list(other_codeword ORDER BY other_codeword) AS codewords
    FROM other_adducts
    GROUP BY group_value, codeword
) AS hidden ON hidden.group_value = best.group_value AND hidden.codeword = best.codeword
LEFT JOIN named ON named.codeword = best.codeword
ORDER BY best.group_value, best.place;
