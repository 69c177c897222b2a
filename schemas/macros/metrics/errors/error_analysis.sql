-- Every wrong first hit of a search, and why: was the right analyte in reach, and could any score have told the two
-- apart?
--
-- Inputs: search_truth, searches, analyte_names, analytes, tautomers, mces.
-- Parameters: search: a search_id; truth: a relation as for search_truth.
-- Columns: query_id, analyte_id, name (the truth, as the library that was searched calls it; where it is not in it, as
--   others do), top_analyte_id, top_name (the answer, as that library calls it), n_candidate_analytes, answerable,
--   rank_of_truth, score, score_of_truth, score_lead (of the answer over the truth; NULL when the truth is not among
--   the first k), same_formula, same_name (letter case aside), same_tautomer (one canonical tautomer: NULL when not
--   computed for one of them), mces_distance (NULL when not computed), mces_class (0, 1-2, 3-5, 6-10, 11-14, 15+),
--   kind, winnable.
--
-- kind is the first that applies: not in reach (the library has no spectrum that could have answered), same tautomer,
-- same name (two InChIKeys for what is one compound on a chromatogram, or in the library's words), isomer, other
-- formula, unknown (a formula is missing). winnable: the right analyte was in reach and is another tautomer and another
-- name: a better score could have won.
CREATE OR REPLACE MACRO error_analysis(search, truth := 'known_analytes') AS TABLE
WITH wrong AS (
    SELECT * FROM search_truth(search, truth := truth) WHERE top_analyte_id <> analyte_id
),
called AS (
    SELECT analyte_names.analyte_id, analyte_names.name
    FROM analyte_names
    INNER JOIN searches ON searches.library = analyte_names.collection
    WHERE searches.search_id = search AND analyte_names.place = 1
),
distances AS (
    SELECT analyte_a, analyte_b, arg_max(distance, threshold) AS distance FROM mces GROUP BY ALL
),
described AS (
    SELECT
        wrong.query_id,
        wrong.analyte_id,
        coalesce(right_call.name, right_one.name) AS name,
        wrong.top_analyte_id,
        top_call.name AS top_name,
        wrong.n_candidate_analytes,
        wrong.answerable,
        wrong.rank_of_truth,
        wrong.score,
        wrong.score_of_truth,
        wrong.score - wrong.score_of_truth AS score_lead,
        right_one.formula = top_one.formula AS same_formula,
        lower(coalesce(right_call.name, right_one.name)) = lower(top_call.name) AS same_name,
        right_tautomer.tautomer_id = top_tautomer.tautomer_id AS same_tautomer,
        distances.distance AS mces_distance
    FROM wrong
    LEFT JOIN analytes AS right_one ON right_one.analyte_id = wrong.analyte_id
    LEFT JOIN analytes AS top_one ON top_one.analyte_id = wrong.top_analyte_id
    LEFT JOIN called AS right_call ON right_call.analyte_id = wrong.analyte_id
    LEFT JOIN called AS top_call ON top_call.analyte_id = wrong.top_analyte_id
    LEFT JOIN tautomers AS right_tautomer ON right_tautomer.analyte_id = wrong.analyte_id
    LEFT JOIN tautomers AS top_tautomer ON top_tautomer.analyte_id = wrong.top_analyte_id
    LEFT JOIN distances
        ON distances.analyte_a = least(wrong.analyte_id, wrong.top_analyte_id)
        AND distances.analyte_b = greatest(wrong.analyte_id, wrong.top_analyte_id)
)
SELECT
    *,
    CASE
        WHEN mces_distance = 0 THEN '0'
        WHEN mces_distance <= 2 THEN '1-2'
        WHEN mces_distance <= 5 THEN '3-5'
        WHEN mces_distance <= 10 THEN '6-10'
        WHEN mces_distance < 15 THEN '11-14'
        WHEN mces_distance >= 15 THEN '15+'
    END AS mces_class,
    CASE
        WHEN NOT answerable THEN 'not in reach'
        WHEN same_tautomer THEN 'same tautomer'
        WHEN same_name THEN 'same name'
        WHEN same_formula THEN 'isomer'
        WHEN NOT same_formula THEN 'other formula'
        ELSE 'unknown'
    END AS kind,
    answerable AND NOT coalesce(same_tautomer, false) AND NOT coalesce(same_name, false) AS winnable
FROM described;
COMMENT ON MACRO TABLE error_analysis IS
    'Every wrong first hit of a search: was the right analyte in reach, how close was it, and could any score have '
    'told them apart?';
