-- How many of some analytes the models of searches were trained on, by the marks on their cards.
-- Inputs: searches, models. Parameters: $searches: list of search_id; $analytes: list of analyte_id.
-- Columns: model (that learned from spectra), n (analytes), n_seen (NULL where the card has no marks).
WITH card AS (
    SELECT name AS model, string_split(training_data ->> '$.data.analyte_marks', ' ') AS marks
    FROM models
    WHERE training_data IS NOT NULL AND name IN (SELECT model FROM searches WHERE list_contains($searches, search_id))
),
asked AS (
    SELECT left(sha256(split_part(analyte_id, '-', 1)), 8) AS mark
    FROM (SELECT unnest($analytes::VARCHAR[]) AS analyte_id)
)
SELECT
    card.model,
    count(*) AS n,
    CASE WHEN card.marks IS NOT NULL THEN count(*) FILTER (list_contains(card.marks, asked.mark)) END AS n_seen
FROM card
CROSS JOIN asked
GROUP BY card.model, card.marks
ORDER BY card.model;
