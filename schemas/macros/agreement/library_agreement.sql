-- How often the spectra of an analyte find each other in their own library: a row for each analyte that has two and
-- more in one precursor window.
--
-- Inputs: vectors.<library>__<model>, annotations.
-- Parameters: library: name of the collection; ppm: half-width of the precursor window in ppm; model: whose vectors to
--   compare ('default': the lab's default model); left_out: 'copies' keeps a spectrum from itself and copies of its
--   peaks, 'contributor' from all spectra of its own contributor.
-- Columns: analyte_id, name, n_spectra (spectra with another one of the analyte in the window), n_rivalled (those of
--   them with another analyte in the window: the others cannot but agree), n_agreeing (those of the rivalled whose most
--   similar spectrum is of the analyte, alone), agreement (n_agreeing of n_rivalled, NULL for none), mean_score (mean
--   score of the nearest spectrum of the analyte), rival_id, rival_name (the analyte that was nearer most often, ties
--   by the smaller id). Those who agree least come first.
CREATE OR REPLACE MACRO library_agreement(library, ppm := 10.0, model := 'default', left_out := 'copies') AS TABLE
WITH agreement_queries AS MATERIALIZED (
    FROM embedded_queries(library, model := model)
    WHERE analyte_id IS NOT NULL
),
agreement_pairs AS (
    FROM embedding_pairs('agreement_queries', 'vectors.' || library || '__' || model, ppm := ppm, left_out := left_out)
),
nearest_ones AS (
    SELECT
        p.query_id,
        first(q.analyte_id) AS analyte_id,
        max(p.score) FILTER (WHERE p.analyte_id = q.analyte_id) AS own_score,
        max(p.score) FILTER (WHERE p.analyte_id <> q.analyte_id) AS other_score,
        -- The least struct: the greatest score, then the smaller id.
        min({minus: -p.score, id: p.analyte_id}) FILTER (WHERE p.analyte_id <> q.analyte_id) AS other
    FROM agreement_pairs AS p
    INNER JOIN agreement_queries AS q ON q.id = p.query_id
    GROUP BY p.query_id
    HAVING own_score IS NOT NULL
),
rivals AS (
    SELECT analyte_id, other.id AS rival_id, count(*) AS n
    FROM nearest_ones
    WHERE other_score >= own_score
    GROUP BY analyte_id, other.id
    QUALIFY row_number() OVER (PARTITION BY analyte_id ORDER BY n DESC, rival_id) = 1
),
names AS (
    SELECT analyte_id, min(coalesce(analyte_name, name)) AS name
    FROM annotations
    WHERE collection = library
    GROUP BY analyte_id
),
counted AS (
    SELECT
        analyte_id,
        count(*) AS n_spectra,
        count(other_score) AS n_rivalled,
        count(*) FILTER (WHERE own_score > other_score) AS n_agreeing,
        avg(own_score::DOUBLE) AS mean_score
    FROM nearest_ones
    GROUP BY analyte_id
)
SELECT
    counted.analyte_id,
    names.name,
    n_spectra,
    n_rivalled,
    n_agreeing,
    n_agreeing / nullif(n_rivalled, 0) AS agreement,
    mean_score,
    rival_id,
    of_rival.name AS rival_name
FROM counted
LEFT JOIN names ON names.analyte_id = counted.analyte_id
LEFT JOIN rivals ON rivals.analyte_id = counted.analyte_id
LEFT JOIN names AS of_rival ON of_rival.analyte_id = rival_id
ORDER BY agreement ASC NULLS LAST, n_rivalled DESC, counted.analyte_id;
COMMENT ON MACRO TABLE library_agreement IS
    'How often the spectra of each analyte find each other in their library: analyte_id, name, n_spectra, n_rivalled, '
    'n_agreeing, agreement, mean_score, rival_id, rival_name';
