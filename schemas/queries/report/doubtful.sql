-- Answers of a search to look at twice, $k of each kind of doubt, each of another analyte, the surest first:
--   ambiguous      the next analyte scores nearly as much;
--   contradicted   the adduct of the library spectrum is another one than the query's file states or, where it does
--                  not, than the spectra that elute with it tell;
--   near the rule  the probability (or the score, where the rule asks for that) is nearly what the rule of the view
--                  confident_rule asks for.
-- Inputs: identifications, confident_rule, hits, annotations, spectra, spectrum_adducts. Parameters: $search; $k.
-- Columns: doubt, name, analyte_id, adduct, precursor_mz, query_id, native_id, library_spectrum_id, library_native_id,
--   score, probability, matched_peaks, ambiguous, confident; next_name (its record's), next_score (the second
--   candidate), told_adduct (NULL: not told), rule.
WITH answers AS (
    SELECT
        found.*,
        coalesce(q.adduct, told.adduct) AS told_adduct,
        coalesce(entry.name, second.analyte_id) AS next_name,
        second.score::DOUBLE AS next_score,
        rule.rule,
        abs(
            CASE
                WHEN rule.least_probability IS NOT NULL THEN found.probability - rule.least_probability
                ELSE found.score - rule.least_score
            END
        )
            AS off_the_rule
    FROM identifications AS found
    CROSS JOIN confident_rule AS rule
    INNER JOIN spectra AS q ON q.spectrum_id = found.query_id
    LEFT JOIN spectrum_adducts AS told ON told.spectrum_id = found.query_id
    LEFT JOIN hits AS second ON second.search_id = $search AND second.query_id = found.query_id AND second.rank = 2
    LEFT JOIN annotations AS entry ON entry.spectrum_id = second.library_spectrum_id
    WHERE found.search_id = $search
),
doubtful AS (
    SELECT 'ambiguous' AS doubt, *, 0.0 AS place FROM answers WHERE ambiguous
    UNION ALL
    SELECT 'contradicted', *, 0.0 FROM answers WHERE told_adduct <> adduct
    UNION ALL
    SELECT 'near the rule', *, off_the_rule FROM answers WHERE off_the_rule <= 0.05
),
of_analytes AS (
    SELECT *
    FROM doubtful
    QUALIFY row_number() OVER (
        PARTITION BY doubt, analyte_id ORDER BY place, probability DESC NULLS LAST, score DESC, query_id
    ) = 1
)
SELECT
    doubt, name, analyte_id, adduct, precursor_mz, query_id, native_id, library_spectrum_id, library_native_id,
    score::DOUBLE AS score,
    probability, matched_peaks, ambiguous, confident, next_name, next_score, told_adduct, rule
FROM of_analytes
QUALIFY row_number() OVER (PARTITION BY doubt ORDER BY place, probability DESC NULLS LAST, score DESC, query_id) <= $k
ORDER BY doubt, place, probability DESC NULLS LAST, score DESC, query_id;
