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
            [0.45267, 0.55187, 0.61215, 0.66063, 0.70679, 0.74845, 0.79151, 0.89316],
            [0.1547, 0.2452, 0.2853, 0.3256, 0.3568, 0.3953, 0.4982, 0.4982]
        ),
        (
            'positive',
            false,
            [0.34377, 0.45518, 0.50488, 0.55069, 0.59754, 0.64147, 0.68864, 0.76418],
            [0.1230, 0.1414, 0.1720, 0.2097, 0.2366, 0.2366, 0.2703, 0.3884]
        ),
        (
            'negative',
            true,
            [0.40368, 0.49189, 0.54077, 0.57771, 0.61980, 0.68902, 0.75295, 0.87500],
            [0.3542, 0.4533, 0.4582, 0.4582, 0.4582, 0.4582, 0.5261, 0.6069]
        ),
        (
            'negative',
            false,
            [0.31121, 0.38347, 0.43036, 0.47404, 0.51670, 0.56285, 0.63432, 0.75135],
            [0.2797, 0.3744, 0.3744, 0.3744, 0.3747, 0.3747, 0.3747, 0.4872]
        )
) AS curves (ion_mode, is_first, scores, similarities);
COMMENT ON MACRO TABLE analogue_points IS
    'Internal: points of the curves by which scores of the method analogue become similarities to expect';
