-- The codeword of every spectrum of a study: the one whose centroid has the largest inner product with its vector.
--
-- Inputs: vectors.<study>__<model>; a relation, given by name, with (codebook, codeword, centroid FLOAT[] of unit
--   length), such as codebooks.
-- Parameters: study: name of the study; codebook: name of the codebook; model: the model that the codebook was fitted
--   on; centroids: name of the relation.
-- Columns: spectrum_id, codeword, similarity. Ties go to the smaller codeword.
CREATE OR REPLACE MACRO nearest_codeword(study, codebook, model := 'default', centroids := 'codebooks') AS TABLE
WITH codewords AS (
    SELECT c.codeword, c.centroid FROM query_table(centroids) AS c WHERE c.codebook = codebook
),
nearest AS (
    SELECT
        v.id AS spectrum_id,
        max({similarity: list_inner_product(v.embedding::FLOAT[], c.centroid), minus_codeword: -c.codeword}) AS best
    FROM query_table('vectors.' || study || '__' || model) AS v
    CROSS JOIN codewords AS c
    GROUP BY v.id
)
SELECT spectrum_id, (-best.minus_codeword)::INTEGER AS codeword, best.similarity::FLOAT AS similarity
FROM nearest
ORDER BY spectrum_id;
COMMENT ON MACRO TABLE nearest_codeword IS
    'The codeword of every spectrum of a study by the largest inner product: spectrum_id, codeword, similarity';
