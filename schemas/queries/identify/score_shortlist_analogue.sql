-- The pairs of a shortlist with a mixture of the similarity that put them on it, a score of peaks, and what the others
-- on the shortlist say: a molecule gains by how alike its structure is to those that rank high.
-- Inputs: nearest_pairs (query_id, library_id, score, n_library_analytes); peak_score(scorer, query_id, library_id),
--   both registered by the program; spectra, analytes. Parameters: $scorer, $weight (of the score of peaks), $consensus
--   (weight of what the others say, beside 1 for the rest), $voters (how many of the first have a say), $spread (the
--   difference of scores by which a say falls to 1 / e). Columns: those of nearest_pairs.
WITH mixed AS MATERIALIZED (
    SELECT
        query_id,
        library_id,
        (1 - $weight::DOUBLE) * score + $weight::DOUBLE * peak_score($scorer, query_id, library_id) AS score,
        n_library_analytes
    FROM nearest_pairs
),
placed AS MATERIALIZED (
    SELECT
        mixed.query_id,
        mixed.library_id,
        mixed.score,
        structure_embedding_analogue AS place,
        row_number() OVER (PARTITION BY mixed.query_id ORDER BY mixed.score DESC, mixed.library_id) AS place_by_score
    FROM mixed
    INNER JOIN spectra ON spectra.spectrum_id = mixed.library_id
    LEFT JOIN analytes USING (analyte_id)
    WHERE $consensus::DOUBLE > 0
),
votes AS MATERIALIZED (
    SELECT query_id, place, say / sum(say) OVER (PARTITION BY query_id) AS say
    FROM (
        SELECT
            query_id,
            place,
            exp((score - max(score) OVER (PARTITION BY query_id)) / $spread::DOUBLE) AS say
        FROM placed
        WHERE place_by_score <= $voters::INTEGER
    )
),
agreed AS (
    SELECT
        candidate.query_id,
        candidate.library_id,
        sum(votes.say * array_inner_product(votes.place, candidate.place)) AS consensus
    FROM placed AS candidate
    INNER JOIN votes ON votes.query_id = candidate.query_id
    GROUP BY ALL
)
SELECT
    mixed.query_id,
    mixed.library_id,
    (
        (mixed.score + $consensus::DOUBLE * coalesce(agreed.consensus, 0)) / (1 + $consensus::DOUBLE)
    )::FLOAT AS score,
    mixed.n_library_analytes
FROM mixed
LEFT JOIN agreed ON agreed.query_id = mixed.query_id AND agreed.library_id = mixed.library_id;
