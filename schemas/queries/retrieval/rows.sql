-- The queries of a search whose analyte is known, with all that the metrics of retrieval ask.
-- Inputs: search_truth, spectra, hits, mces, training_parts (query_id and part: what models were trained on).
-- Parameters: $search: a search_id; $at_k: ranks that count for distance_k; $limit_distance: the threshold of MCES
-- distances.
-- Columns: query_id, analyte_id, subsets (list of the parts of the data that it belongs to), answerable, rank_of_truth,
-- score, correct (both of the first hit; score is NULL without one), distance_1, distance_k (MCES distance of the
-- nearest of the first 1 and the first k answers; 0 where the right one is among them; NULL without a candidate, or
-- where a distance was not computed).
WITH distances AS (
    SELECT analyte_a, analyte_b, min(least(distance, $limit_distance)) AS distance
    FROM mces
    WHERE threshold = $limit_distance
    GROUP BY ALL
),
judged AS (
    FROM search_truth($search)
),
answers AS (
    SELECT
        judged.query_id,
        min(
            CASE WHEN hits.analyte_id = judged.analyte_id THEN 0 ELSE distances.distance END
        ) FILTER (hits.rank = 1) AS nearest_1,
        min(CASE WHEN hits.analyte_id = judged.analyte_id THEN 0 ELSE distances.distance END) AS nearest_k,
        bool_and(
            hits.analyte_id = judged.analyte_id OR distances.distance IS NOT NULL
        ) FILTER (hits.rank = 1) AS known_1,
        bool_and(hits.analyte_id = judged.analyte_id OR distances.distance IS NOT NULL) AS known_k
    FROM judged
    INNER JOIN hits ON hits.query_id = judged.query_id AND hits.search_id = $search AND hits.rank <= $at_k
    LEFT JOIN distances
        ON distances.analyte_a = least(judged.analyte_id, hits.analyte_id)
        AND distances.analyte_b = greatest(judged.analyte_id, hits.analyte_id)
    GROUP BY judged.query_id
)
SELECT
    judged.query_id,
    judged.analyte_id,
    list_filter(
        [
            'all',
            CASE
                WHEN n_candidate_analytes = 0 THEN 'no candidate'
                WHEN n_candidate_analytes = 1 THEN '1 candidate'
                ELSE '2+ candidates'
            END,
            spectra.ion_mode,
            instrument_resolution(spectra.instrument_type),
            training_parts.part
        ],
        lambda subset: subset IS NOT NULL
    ) AS subsets,
    judged.answerable,
    judged.rank_of_truth,
    judged.score::DOUBLE AS score,
    judged.correct,
    CASE WHEN known_1 THEN nearest_1 END AS distance_1,
    CASE WHEN known_k OR nearest_k = 0 THEN nearest_k END AS distance_k
FROM judged
INNER JOIN spectra ON spectra.spectrum_id = judged.query_id
LEFT JOIN training_parts ON training_parts.query_id = judged.query_id
LEFT JOIN answers ON answers.query_id = judged.query_id
ORDER BY judged.query_id;
