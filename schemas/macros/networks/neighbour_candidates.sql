-- What is known of a spectrum's neighbours in a network, carried to spectra of which nothing is known: candidates for
-- what they are related to, no identifications.
--
-- Inputs: two relations, given by name: edges, as network gives them; known, with (spectrum_id, analyte_id, name), as
--   known_spectra gives them.
-- Parameters: edges, known: names of the relations.
-- Columns: spectrum_id, place (1 for the nearest neighbour), neighbour_id, neighbour_analyte_id, neighbour_name,
--   edge_score, matched_peaks, mz_difference (the spectrum less the neighbour), modification (of the heavier of the
--   two). Neighbours are ranked by edge_score, ties by the smaller id.
CREATE OR REPLACE MACRO neighbour_candidates(edges, known) AS TABLE
WITH ends AS (
    SELECT
        unnest([spectrum_id_a, spectrum_id_b]) AS spectrum_id,
        unnest([spectrum_id_b, spectrum_id_a]) AS neighbour_id,
        unnest([-mz_difference, mz_difference]) AS mz_difference,
        score,
        matched_peaks,
        modification
    FROM query_table(edges)
)
SELECT
    ends.spectrum_id,
    row_number() OVER (PARTITION BY ends.spectrum_id ORDER BY ends.score DESC, neighbour_id)::INTEGER AS place,
    neighbour_id,
    k.analyte_id AS neighbour_analyte_id,
    k.name AS neighbour_name,
    ends.score AS edge_score,
    matched_peaks,
    mz_difference,
    modification
FROM ends
INNER JOIN query_table(known) AS k ON k.spectrum_id = neighbour_id
WHERE ends.spectrum_id NOT IN (SELECT own.spectrum_id FROM query_table(known) AS own);
COMMENT ON MACRO TABLE neighbour_candidates IS
    'What unknown spectra of networks may be related to, no identifications: spectrum_id, place, neighbour_id, '
    'neighbour_analyte_id, neighbour_name, edge_score, matched_peaks, mz_difference, modification';
