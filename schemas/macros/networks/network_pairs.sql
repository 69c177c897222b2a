-- Pairs of spectra of a relation whose vectors are alike: a relation joined with itself.
--
-- Inputs: a relation, given by name, with (id, precursor_mz DOUBLE, ion_mode, embedding FLOAT[d] of unit length); rows
--   without an embedding are passed over.
-- Parameters: spectra_relation: its name; min_score: least inner product; max_mz_difference: largest difference of the
--   precursors, m/z.
-- Columns: spectrum_id_a (the lighter precursor; of equal ones the smaller id), spectrum_id_b, score.
--
-- Each vector meets whole lists of others at once, which takes half the time of a join of single rows. The work grows
-- with the square of the number of spectra: some thousands are a matter of seconds.
CREATE OR REPLACE MACRO network_pairs(spectra_relation, min_score := 0.7, max_mz_difference := 500.0) AS TABLE
WITH vectors_of_network AS MATERIALIZED (
    SELECT id, precursor_mz, ion_mode, embedding, row_number() OVER () // 64 AS block
    FROM query_table(spectra_relation)
    WHERE embedding IS NOT NULL
),
blocks AS MATERIALIZED (
    SELECT
        ion_mode,
        list(id ORDER BY id) AS ids,
        list(precursor_mz ORDER BY id) AS precursors,
        list(embedding ORDER BY id) AS embeddings
    FROM vectors_of_network
    GROUP BY ion_mode, block
),
scored AS (
    SELECT
        a.id AS id_a,
        a.precursor_mz AS mz_a,
        unnest(blocks.ids) AS id_b,
        unnest(blocks.precursors) AS mz_b,
        unnest(list_transform(blocks.embeddings, lambda e: array_inner_product(e, a.embedding))) AS score
    FROM vectors_of_network AS a
    INNER JOIN blocks ON blocks.ion_mode = a.ion_mode
)
SELECT id_a AS spectrum_id_a, id_b AS spectrum_id_b, least(score, 1)::FLOAT AS score
FROM scored
WHERE score::DOUBLE >= min_score
    AND (mz_a < mz_b OR (mz_a = mz_b AND id_a < id_b))
    AND mz_b - mz_a <= max_mz_difference;
COMMENT ON MACRO TABLE network_pairs IS
    'Pairs of spectra of one relation and ion mode whose vectors are alike: spectrum_id_a (the lighter), '
    'spectrum_id_b, score';
