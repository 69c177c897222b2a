-- The k best analytes for each query, as rank_analytes gives them, by way of a search index and the native extension;
-- or, with more than one of spectra, as rank_pairs ranks merged_pairs.
--
-- Inputs: queries, a relation given by name with (id, precursor_mz DOUBLE, ion_mode, embedding FLOAT[d] of unit
--   length); library, the relation that the index was built from, with (id BIGINT, analyte_id).
-- Parameters: queries, library: names of the relations; search_index: path of the index file; fingerprint: the one that
--   the index was built with ('': any); ppm: half-width of the precursor window in ppm; k: analytes per query; spectra:
--   most spectra of an analyte that are merged (see merged_pairs).
-- Columns: query_id, rank, analyte_id, library_id, score, ppm_error, n_candidate_analytes, score_gap. Ties as in
--   rank_analytes.
--
-- The index is sorted by ion mode and precursor m/z, so that the window of a query is one range of rows:
-- index_rank_analytes finds it by bisection, scores it in cache and keeps the best spectra of each analyte. No pair is
-- ever a row.
CREATE OR REPLACE TEMP MACRO rank_analytes_indexed(
    queries, library, search_index, fingerprint, ppm := 10.0, k := 10, spectra := 1
) AS TABLE
WITH ranked AS (
    SELECT
        id AS query_id,
        unnest(
            index_rank_analytes(
                search_index::VARCHAR,
                fingerprint::VARCHAR,
                ion_mode::VARCHAR,
                precursor_mz::DOUBLE,
                embedding,
                ppm::DOUBLE,
                k::BIGINT,
                spectra::BIGINT
            )
        ) AS hit
    FROM query_table(queries)
    WHERE precursor_mz > 0 AND embedding IS NOT NULL
)
SELECT
    query_id,
    hit.rank AS rank,
    analyte_id,
    hit.library_id AS library_id,
    hit.score AS score,
    hit.ppm_error AS ppm_error,
    hit.n_candidate_analytes AS n_candidate_analytes,
    hit.score_gap AS score_gap
FROM ranked
INNER JOIN query_table(library) AS candidates ON candidates.id = hit.library_id
ORDER BY query_id, rank;
