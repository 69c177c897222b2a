-- How alike to expect a molecule to be that an open search found: the mean Tanimoto similarity (Morgan fingerprints of
-- radius 2, 2,048 bits) of what was found with such a score, on molecules that the model was not trained on. A library
-- of other size or kind changes it.
-- Inputs: expected_curves.
-- Parameters: of_model: name of the model; mode: the query's ion mode; place: the answer's rank, as first answers and
--   later ones have a curve each; of_score: its score; by_method: how it was scored, embedding or analogue.
-- Columns: a scalar from 0 to 1; NULL where the lab has no vectors of the model, or its card tells nothing of the ion
--   mode.
CREATE OR REPLACE MACRO expected_tanimoto(of_model, mode, place, of_score, by_method := 'embedding') AS (
    SELECT
        any_value(
            from_tanimoto
            + CASE
                WHEN isfinite(from_score) AND isfinite(to_score)
                    THEN (to_tanimoto - from_tanimoto) * (of_score - from_score) / (to_score - from_score)
                ELSE 0
            END
        )
    FROM expected_curves()
    WHERE method = by_method
        AND model = of_model
        AND ion_mode = mode
        AND is_first = (place = 1)
        AND from_score <= of_score
        AND of_score < to_score
);
COMMENT ON MACRO expected_tanimoto IS
    'Tanimoto similarity to expect of an answer of an open search, by its score; NULL where nothing tells it';
