-- One vector per run or sample: the vectors of its spectra, aggregated element by element.
--
-- Inputs: vectors.<study>__<model>, spectra, runs; blank_spectra.
-- Parameters: study: name of the study; model: whose vectors; method:
--   mean: their mean;
--   intensity_weighted: their mean weighted by the total intensity of each spectrum to the power tic_power (the square
--     root by default: under a power of 1 the few strongest spectra of a run are all that is seen);
--   max: the largest value of each element;
--   mean_spread: the mean, followed by the (population) standard deviation of each element: twice as long;
--   level: run or sample (runs without a sample are then left out); subtract_blanks: leave out what blank_spectra
--   finds; normalise: bring every result to unit length (zero vectors stay zero).
-- Columns: unit_id, n_spectra, embedding FLOAT[].
CREATE OR REPLACE MACRO sample_embedding(
    study,
    model := 'default',
    method := 'mean',
    level := 'run',
    subtract_blanks := false,
    tic_power := 0.5,
    normalise := true
) AS TABLE
WITH members AS (
    SELECT
        CASE level
            WHEN 'sample' THEN r.sample_id
            WHEN 'run' THEN r.run_id
            ELSE error('level must be run or sample')
        END AS unit_id,
        s.tic ** tic_power AS weight,
        v.embedding
    FROM query_table('vectors.' || study || '__' || model) AS v
    INNER JOIN spectra AS s ON s.spectrum_id = v.id
    INNER JOIN runs AS r ON r.run_id = s.run_id
    ANTI JOIN blank_spectra(study, model := model, wanted := subtract_blanks) AS b ON b.spectrum_id = v.id
),
-- Unnested, a vector is d rows; grouping them by unit and place streams, and holds no more than one state per unit and
-- place.
elements AS (
    SELECT unit_id, weight, unnest(embedding::FLOAT[]) AS value, generate_subscripts(embedding::FLOAT[], 1) AS place
    FROM members
    WHERE unit_id IS NOT NULL
),
aggregated AS (
    SELECT
        unit_id,
        place,
        count(*) AS n_spectra,
        CASE method
            WHEN 'mean' THEN avg(value)
            WHEN 'intensity_weighted' THEN sum(weight * value) / sum(weight)
            WHEN 'max' THEN max(value)
            WHEN 'mean_spread' THEN avg(value)
            ELSE error('method must be mean, intensity_weighted, max or mean_spread')
        END AS value,
        CASE method WHEN 'mean_spread' THEN stddev_pop(value) END AS spread
    FROM elements
    GROUP BY unit_id, place
),
gathered AS (
    SELECT
        unit_id,
        max(n_spectra) AS n_spectra,
        CASE method
            WHEN 'mean_spread'
                THEN list(value ORDER BY place) || list(spread ORDER BY place)
            ELSE list(value ORDER BY place)
        END AS embedding
    FROM aggregated
    GROUP BY unit_id
),
measured AS (
    SELECT unit_id, n_spectra, embedding, sqrt(list_inner_product(embedding, embedding)) AS length FROM gathered
)
SELECT
    unit_id,
    n_spectra,
    CASE
        WHEN normalise AND length > 0 THEN list_transform(embedding, lambda x: x / length)
        ELSE embedding
    END::FLOAT[] AS embedding
FROM measured
ORDER BY unit_id;
COMMENT ON MACRO TABLE sample_embedding IS
    'One vector per run or sample, from the vectors of its spectra by mean, intensity_weighted, max or mean_spread: '
    'unit_id, n_spectra, embedding';
