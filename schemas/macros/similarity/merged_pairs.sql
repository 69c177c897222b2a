-- One pair for each query and analyte whose score is that of the analyte's best spectra merged, as far as merging them
-- helps.
--
-- Inputs: pairs, a relation given by name with (query_id, library_id, analyte_id, score, ppm_error), whose scores are
--   inner products of unit vectors; pairs without an analyte or a score are passed over. library, a relation given by
--   name with (id, embedding FLOAT[d] of unit length) that holds each library_id once.
-- Parameters: pairs, library: names of the relations; spectra: most spectra of an analyte that are merged, 1 or more.
-- Columns: query_id, library_id (the analyte's best spectrum), analyte_id, score, ppm_error (of that spectrum): what
--   rank_pairs reads.
--
-- Spectra of one molecule at several collision energies, or from several laboratories, each lack peaks that others
-- have. With an analyte's spectra in descending order of score s, of unit vectors v, the first m merged score (s_1 +
-- ... + s_m) / |v_1 + ... + v_m|, which is the inner product of the query with their normalised sum, and |v_1 + ... +
-- v_m|^2 = m + 2 * sum of v_i . v_j over i < j. The best m counts; m = 1 is the best spectrum, so that no score falls.
-- A sum shorter than one vector counts as long as one: what cancels says nothing. Products of library spectra are made
-- once, however many the queries that need them.
CREATE OR REPLACE MACRO merged_pairs(pairs, library, spectra := 8) AS TABLE
WITH turns AS MATERIALIZED (
    SELECT
        query_id,
        library_id,
        analyte_id,
        score,
        ppm_error,
        row_number() OVER (PARTITION BY query_id, analyte_id ORDER BY score DESC, library_id) AS turn
    FROM query_table(pairs)
    WHERE analyte_id IS NOT NULL AND score IS NOT NULL
    QUALIFY turn <= spectra
),
earlier AS MATERIALIZED (
    SELECT
        later.query_id,
        later.analyte_id,
        later.turn,
        least(later.library_id, sooner.library_id) AS first_id,
        greatest(later.library_id, sooner.library_id) AS second_id
    FROM turns AS later
    INNER JOIN turns AS sooner
        ON sooner.query_id = later.query_id AND sooner.analyte_id = later.analyte_id AND sooner.turn < later.turn
),
products AS (
    SELECT first_id, second_id, array_inner_product(first.embedding, second.embedding) AS product
    FROM (SELECT DISTINCT first_id, second_id FROM earlier)
    INNER JOIN query_table(library) AS first ON first.id = first_id
    INNER JOIN query_table(library) AS second ON second.id = second_id
),
lengths AS (
    SELECT query_id, analyte_id, turn, sum(product::DOUBLE) AS with_earlier
    FROM earlier
    INNER JOIN products USING (first_id, second_id)
    GROUP BY query_id, analyte_id, turn
),
merged AS (
    SELECT
        turns.*,
        (
            sum(score::DOUBLE) OVER so_far / sqrt(greatest(sum(1 + 2 * coalesce(with_earlier, 0)) OVER so_far, 1))
        )::FLOAT AS merged_score
    FROM turns
    LEFT JOIN lengths USING (query_id, analyte_id, turn)
    WINDOW so_far AS (PARTITION BY query_id, analyte_id ORDER BY turn)
)
SELECT
    query_id,
    first(library_id ORDER BY turn) AS library_id,
    analyte_id,
    max(merged_score) AS score,
    first(ppm_error ORDER BY turn) AS ppm_error
FROM merged
GROUP BY query_id, analyte_id;
COMMENT ON MACRO TABLE merged_pairs IS
    'One pair per query and analyte, scored by the analyte''s best spectra merged: query_id, library_id (the best), '
    'analyte_id, score, ppm_error';
