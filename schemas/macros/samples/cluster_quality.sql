-- How well sample vectors separate the classes of a column of the sample table, without any training; on request apart
-- for each value of other columns, such as chromatography and ion mode, to see which acquisition mode separates best.
--
-- Inputs: sample_embeddings, sample_labels. Blanks, QC and pools (is_control) are left out.
-- Parameters: study: name of the study; target: the column whose classes should be apart; method: of sample_embeddings;
--   level: run or sample; parts: names of columns; vectors are compared only where these agree; subtract_blanks: which
--   of the stored vectors; model: whose; NULL: all that are stored (profiles have none).
-- Columns: model, part (the values of the columns, all without any), n, n_classes, silhouette (mean over the units, by
--   cosine distance; a unit alone in its class counts 0), purity (share of units whose nearest neighbour by cosine is
--   of their class; of equal neighbours the one with the smaller id), expected_purity (what a neighbour at random would
--   give). Parts with one class only are left out.
CREATE OR REPLACE MACRO cluster_quality(
    study, target, method := 'mean', level := 'run', parts := []::VARCHAR[], subtract_blanks := false, model := NULL
) AS TABLE
WITH labels AS (
    SELECT l.unit_id, l.name, l.value
    FROM sample_labels AS l
    WHERE l.study = study AND l.level = level AND NOT l.is_control
),
of_part AS (
    SELECT l.unit_id, string_agg(l.value, ', ' ORDER BY list_position(parts, l.name)) AS part, count(*) AS n_known
    FROM labels AS l
    WHERE list_contains(parts, l.name)
    GROUP BY l.unit_id
),
units AS (
    SELECT
        coalesce(e.model, '') AS source,
        CASE WHEN len(parts) = 0 THEN 'all' ELSE o.part END AS part,
        e.unit_id,
        l.value AS class,
        e.embedding::DOUBLE[] AS embedding,
        sqrt(list_inner_product(e.embedding::DOUBLE[], e.embedding::DOUBLE[])) AS length
    FROM sample_embeddings AS e
    INNER JOIN labels AS l ON l.unit_id = e.unit_id AND l.name = target
    LEFT JOIN of_part AS o ON o.unit_id = e.unit_id
    WHERE
        e.study = study
        AND e.method = method
        AND e.level = level
        AND e.blanks_subtracted = subtract_blanks
        AND coalesce(e.model, '') = coalesce(model, e.model, '')
        AND (len(parts) = 0 OR o.n_known = len(parts))
),
distances AS (
    SELECT
        a.source, a.part, a.unit_id, a.class,
        b.class AS other_class,
        b.unit_id AS other_id,
        1 - coalesce(list_inner_product(a.embedding, b.embedding) / nullif(a.length * b.length, 0), 0) AS distance
    FROM units AS a
    INNER JOIN units AS b ON b.source = a.source AND b.part = a.part AND b.unit_id <> a.unit_id
),
to_classes AS (
    SELECT d.source, d.part, d.unit_id, d.class, d.other_class, avg(d.distance) AS distance, count(*) AS n
    FROM distances AS d
    GROUP BY d.source, d.part, d.unit_id, d.class, d.other_class
),
silhouettes AS (
    SELECT
        source, part, unit_id, class,
        max(distance) FILTER (other_class = class) AS own,
        min(distance) FILTER (other_class <> class) AS nearest,
        coalesce(sum(n) FILTER (other_class = class), 0) / sum(n) AS expected_purity
    FROM to_classes
    GROUP BY source, part, unit_id, class
),
neighbours AS (
    SELECT source, part, unit_id, min({distance: distance, other_id: other_id, pure: class = other_class}).pure AS pure
    FROM distances
    GROUP BY source, part, unit_id
)
SELECT
    nullif(s.source, '') AS model,
    s.part,
    count(*) AS n,
    count(DISTINCT s.class) AS n_classes,
    avg(coalesce((nearest - own) / nullif(greatest(nearest, own), 0), 0)) AS silhouette,
    avg(pure::INTEGER) AS purity,
    avg(s.expected_purity) AS expected_purity
FROM silhouettes AS s
INNER JOIN neighbours AS k ON k.source = s.source AND k.part = s.part AND k.unit_id = s.unit_id
GROUP BY s.source, s.part
HAVING n_classes > 1
ORDER BY silhouette DESC, s.part, s.source;
COMMENT ON MACRO TABLE cluster_quality IS
    'How well sample vectors separate the classes of a column, by part: model, part, n, n_classes, silhouette, '
    'purity, expected_purity';
