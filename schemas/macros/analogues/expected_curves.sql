-- What the cards of models, and analogue_points, say of the similarity to expect of a score: curves, as straight pieces
-- between points, and level ones beyond.
-- Inputs: models, analogue_points. Parameters: none.
-- Columns: method (embedding: the score is that of the model's vectors; or analogue), model, ion_mode, is_first (of
--   first answers; else of later ones), from_score, to_score (the piece, without its end; infinite beyond the points),
--   from_tanimoto, to_tanimoto.
CREATE OR REPLACE MACRO expected_curves() AS TABLE
WITH modes AS (
    SELECT
        name AS model,
        metrics,
        unnest(json_keys(metrics, '$.expected_similarity.curves')) AS ion_mode
    FROM models
),
curves AS (
    SELECT
        model,
        ion_mode,
        kind = 'first' AS is_first,
        json_extract(metrics, '$.expected_similarity.curves.' || ion_mode || '.' || kind) AS curve
    FROM modes
    CROSS JOIN (VALUES ('first'), ('later')) AS kinds (kind)
),
points AS (
    SELECT
        'embedding' AS method,
        model,
        ion_mode,
        is_first,
        unnest((curve -> '$.score')::DOUBLE[]) AS score,
        unnest((curve -> '$.tanimoto')::DOUBLE[]) AS tanimoto
    FROM curves
    UNION ALL BY NAME
    FROM analogue_points()
),
pieces AS (
    SELECT
        method,
        model,
        ion_mode,
        is_first,
        score AS from_score,
        lead(score, 1, 'infinity'::DOUBLE) OVER along AS to_score,
        tanimoto AS from_tanimoto,
        lead(tanimoto, 1, tanimoto) OVER along AS to_tanimoto
    FROM points
    WINDOW along AS (PARTITION BY method, model, ion_mode, is_first ORDER BY score)
)
FROM pieces
UNION ALL BY NAME
SELECT
    method,
    model,
    ion_mode,
    is_first,
    '-infinity'::DOUBLE AS from_score,
    min(from_score) AS to_score,
    arg_min(from_tanimoto, from_score) AS from_tanimoto,
    arg_min(from_tanimoto, from_score) AS to_tanimoto
FROM pieces
GROUP BY ALL
ORDER BY method, model, ion_mode, is_first DESC, from_score;
COMMENT ON MACRO TABLE expected_curves IS
    'Internal: the curves by which scores of open searches become similarities to expect, piece by piece';
