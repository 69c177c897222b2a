-- The pairs of a network that are among the best of both their spectra.
--
-- Inputs: a relation, given by name, with (spectrum_id_a, spectrum_id_b, score, matched_peaks), each pair once.
-- Parameters: pairs: name of the relation; top_k: most neighbours of a spectrum; min_matched_peaks: fewest peaks that
--   the spectra of a pair share.
-- Columns: those of the relation. A spectrum's neighbours are ranked by score, ties by the smaller id; a pair stays
--   where each spectrum is among the top_k of the other, as in GNPS.
CREATE OR REPLACE MACRO best_links(pairs, top_k := 10, min_matched_peaks := 6) AS TABLE
WITH ends AS (
    SELECT
        pair,
        unnest([pair.spectrum_id_a, pair.spectrum_id_b]) AS id,
        unnest([pair.spectrum_id_b, pair.spectrum_id_a]) AS other
    FROM query_table(pairs) AS pair
    WHERE pair.matched_peaks >= min_matched_peaks
),
ranked AS (
    SELECT
        pair,
        row_number() OVER (PARTITION BY id ORDER BY pair.score DESC, other) AS place
    FROM ends
),
kept AS (
    SELECT any_value(pair) AS pair
    FROM ranked
    WHERE place <= top_k
    GROUP BY pair.spectrum_id_a, pair.spectrum_id_b
    HAVING count(*) = 2
)
SELECT unnest(pair) FROM kept;
COMMENT ON MACRO TABLE best_links IS
    'Internal: the pairs that are among the top_k of both their spectra and share enough peaks: the columns of the '
    'pairs';
