-- The similarity to expect of scores of the method analogue, with its usual settings and the model that comes with
-- spectradb: points of curves, as cards of models have them for scores of vectors alone.
-- Inputs: none. Parameters: none.
-- Columns: method, model, ion_mode, is_first (of first answers; else of later ones), score, tanimoto.
--
-- Fitted on MassBank 2025.05.1 by `python -m spectradb.benchmarks.expected_check LAB massbank`, on one half of the
-- molecules that the model was not trained on, each taken out of the library.
CREATE OR REPLACE MACRO analogue_points() AS TABLE
SELECT
    'analogue' AS method,
    'spectradb_analogue' AS model,
    ion_mode,
    is_first,
    unnest(scores)::DOUBLE AS score,
    unnest(similarities)::DOUBLE AS tanimoto
FROM (
    VALUES
        (
            'positive',
            true,
            [0.41847, 0.48931, 0.53493, 0.57403, 0.61147, 0.65344, 0.71261, 0.84893],
            [0.1644, 0.1994, 0.2825, 0.2880, 0.4217, 0.4217, 0.4780, 0.4846]
        ),
        (
            'positive',
            false,
            [0.35462, 0.41041, 0.44692, 0.48033, 0.51249, 0.54589, 0.59075, 0.68746],
            [0.1209, 0.1447, 0.1728, 0.2043, 0.2243, 0.2859, 0.3377, 0.4169]
        ),
        (
            'negative',
            true,
            [0.40750, 0.49346, 0.54307, 0.58487, 0.61985, 0.65671, 0.71036, 0.86017],
            [0.2098, 0.3109, 0.3855, 0.5350, 0.5747, 0.6337, 0.6337, 0.6337]
        ),
        (
            'negative',
            false,
            [0.34656, 0.40415, 0.44471, 0.48598, 0.52709, 0.56674, 0.60924, 0.71055],
            [0.1574, 0.2081, 0.2464, 0.3133, 0.4691, 0.5670, 0.6058, 0.6595]
        )
) AS curves (ion_mode, is_first, scores, similarities);
COMMENT ON MACRO TABLE analogue_points IS
    'Internal: points of the curves by which scores of the method analogue become similarities to expect';
