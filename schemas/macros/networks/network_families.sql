-- The families of a network: spectra that are connected, none larger than a limit.
--
-- Inputs: a relation, given by name, with (spectrum_id_a, spectrum_id_b, score): the edges of a network.
-- Parameters: edges: name of the relation; max_size: most spectra of a family.
-- Columns: spectrum_id, family_id (its smallest spectrum_id), family_size, least_score (the score from which on edges
--   count in the family; NULL for a spectrum on its own).
--
-- Where the spectra that are connected are more than max_size, edges below a score are left out among them: below the
-- smallest multiple of .02 at which they fall into families small enough. Those that do not by any are families of
-- one. All multiples are followed at once: a spectrum takes the smallest id among its neighbours until none is smaller.
CREATE OR REPLACE MACRO network_families(edges, max_size := 100) AS TABLE
WITH RECURSIVE span AS (
    SELECT floor(min(score)::DOUBLE * 50)::BIGINT AS first_step, floor(max(score)::DOUBLE * 50)::BIGINT AS last_step
    FROM query_table(edges)
),
steps AS (
    SELECT unnest(range(first_step, last_step + 1)) AS step FROM span
),
links AS MATERIALIZED (
    SELECT
        step,
        unnest([spectrum_id_a, spectrum_id_b]) AS id,
        unnest([spectrum_id_b, spectrum_id_a]) AS other
    FROM query_table(edges)
    CROSS JOIN span
    INNER JOIN steps ON step = first_step OR score::DOUBLE >= step / 50
),
nearest AS MATERIALIZED (
    SELECT step, id, least(id, min(other)) AS label FROM links GROUP BY step, id
),
reached (step, id, label) AS (
    FROM nearest
    UNION
    SELECT links.step, links.id, min(smaller.label)
    FROM reached AS smaller
    INNER JOIN links ON links.step = smaller.step AND links.other = smaller.id
    INNER JOIN nearest ON nearest.step = links.step AND nearest.id = links.id
    WHERE smaller.label < nearest.label
    GROUP BY links.step, links.id
),
-- Not USING KEY: a file with such a macro is refused whole by DuckDB before 1.3.
smallest AS (
    SELECT step, id, min(label) AS label FROM reached GROUP BY step, id
),
sized AS (
    SELECT *, count(*) OVER (PARTITION BY step, label) AS size FROM smallest
),
chosen AS (
    SELECT id, min({step: step, label: label, size: size}) AS family
    FROM sized
    WHERE size <= max_size
    GROUP BY id
),
-- DISTINCT, not UNION: beside a recursive statement DuckDB before 1.5 keeps duplicates of a UNION.
members AS (
    SELECT DISTINCT unnest([spectrum_id_a, spectrum_id_b]) AS id FROM query_table(edges)
)
SELECT
    id AS spectrum_id,
    coalesce(family.label, id) AS family_id,
    coalesce(family.size, 1)::INTEGER AS family_size,
    CASE WHEN family.size > 1 THEN family.step / 50 END AS least_score
FROM members
LEFT JOIN chosen USING (id);
COMMENT ON MACRO TABLE network_families IS
    'The families of networks, connected spectra of at most max_size: spectrum_id, family_id, family_size, '
    'least_score';
