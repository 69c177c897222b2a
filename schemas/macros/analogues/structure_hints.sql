-- Structures by how near their places lie to the learned part of a spectrum's vector, whether or not there is a
-- reference spectrum of them. A hint at a structure, no identification.
--
-- Inputs: two relations, given by name: queries with (id, embedding FLOAT[768], by spectradb_analogue), such as
--   'vectors.STUDY__spectradb_analogue'; candidates with (analyte_id, structure_embedding_analogue FLOAT[256]), such as
--   'analytes' or some of them. Rows without a vector or a place are passed over.
-- Parameters: queries; candidates; k: rows per query.
-- Columns: query_id, rank, analyte_id, hint (from -1 to 1; that of a structure near to what the model expects of the
--   spectrum is high). Ties go to the smaller analyte_id.
CREATE OR REPLACE MACRO structure_hints(queries, candidates := 'analytes', k := 10) AS TABLE
WITH asked AS MATERIALIZED (
    SELECT
        id,
        embedding[513:768]::FLOAT[256] AS learned,
        sqrt(list_inner_product(embedding[513:768], embedding[513:768])) AS length
    FROM query_table(queries)
    WHERE embedding IS NOT NULL
)
SELECT
    asked.id AS query_id,
    row_number() OVER (
        PARTITION BY asked.id
        ORDER BY
            array_inner_product(asked.learned, candidate.structure_embedding_analogue) DESC,
            candidate.analyte_id
    )::INTEGER AS rank,
    candidate.analyte_id,
    array_inner_product(asked.learned, candidate.structure_embedding_analogue) / asked.length AS hint
FROM asked
CROSS JOIN query_table(candidates) AS candidate
WHERE asked.length > 0 AND candidate.structure_embedding_analogue IS NOT NULL
QUALIFY rank <= k
ORDER BY query_id, rank;
COMMENT ON MACRO TABLE structure_hints IS
    'Structures near to the learned part of each query''s vector, with or without a reference spectrum: a hint';
