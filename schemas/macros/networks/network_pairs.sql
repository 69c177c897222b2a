-- Pairs of spectra of a relation whose vectors are alike: a relation joined with itself.
--
-- Inputs: a relation, given by name, with (id, precursor_mz DOUBLE, ion_mode, embedding FLOAT[d] of unit length); rows
--   without an embedding are passed over.
-- Parameters: spectra_relation: its name; min_score: least inner product; max_mz_difference: largest difference of the
--   precursors, m/z.
-- Columns: spectrum_id_a (the lighter precursor; of equal ones the smaller id), spectrum_id_b, score.
--
-- Whole lists of vectors meet, those of a list being near in precursor, so that lists too far apart never do. Joining
-- single rows copies the vectors of every pair and takes five times as long. The work grows with the square of the
-- number of spectra: some thousands are a matter of seconds.
CREATE OR REPLACE MACRO network_pairs(spectra_relation, min_score := 0.7, max_mz_difference := 500.0) AS TABLE
WITH vectors_of_network AS (
    SELECT
        id,
        precursor_mz,
        ion_mode,
        embedding::FLOAT[] AS embedding,
        row_number() OVER (PARTITION BY ion_mode ORDER BY precursor_mz, id) // 64 AS block
    FROM query_table(spectra_relation)
    WHERE embedding IS NOT NULL
),
blocks AS MATERIALIZED (
    SELECT
        ion_mode,
        block,
        min(precursor_mz) AS lowest_mz,
        max(precursor_mz) AS highest_mz,
        list(id ORDER BY precursor_mz, id) AS ids,
        list(precursor_mz ORDER BY precursor_mz, id) AS precursors,
        list(embedding ORDER BY precursor_mz, id) AS embeddings
    FROM vectors_of_network
    GROUP BY ion_mode, block
),
lighter AS (
    SELECT
        unnest(a.ids) AS id_a,
        unnest(a.precursors) AS mz_a,
        unnest(a.embeddings) AS embedding_a,
        b.ids,
        b.precursors,
        b.embeddings
    FROM blocks AS a
    INNER JOIN blocks AS b ON b.ion_mode = a.ion_mode
    WHERE a.block <= b.block AND b.lowest_mz - a.highest_mz <= max_mz_difference
),
scored AS (
    SELECT
        id_a,
        mz_a,
        unnest(ids) AS id_b,
        unnest(precursors) AS mz_b,
        unnest(list_transform(embeddings, lambda e: list_inner_product(e, embedding_a))) AS score
    FROM lighter
)
SELECT id_a AS spectrum_id_a, id_b AS spectrum_id_b, least(score, 1)::FLOAT AS score
FROM scored
WHERE score::DOUBLE >= min_score
    AND (mz_a < mz_b OR (mz_a = mz_b AND id_a < id_b))
    AND mz_b - mz_a <= max_mz_difference;
COMMENT ON MACRO TABLE network_pairs IS
    'Pairs of spectra of one relation and ion mode whose vectors are alike: spectrum_id_a (the lighter), '
    'spectrum_id_b, score';
