-- The molecular network of a collection: which of its spectra are alike by their vectors, and what the difference of
-- their precursors means.
--
-- Inputs: vectors.<collection>__<model>; spectra, common_modifications.
-- Parameters: collection: name of a study or library; model: whose vectors to compare ('default': the lab's default
--   model); min_score: least similarity; top_k: most neighbours of a spectrum, either of which must have the other
--   among its own; min_matched_peaks: fewest peaks that two spectra share, shifted by the difference of the precursors
--   or not; max_mz_difference: largest difference of the precursors, m/z; fragment_tolerance_da: tolerance in Da for
--   peaks to match; modification_tolerance_da: as for named_links.
-- Columns: spectrum_id_a (the lighter precursor), spectrum_id_b, score, matched_peaks, mz_difference, mass_difference,
--   modification.
CREATE OR REPLACE MACRO network(
    collection,
    model := 'default',
    min_score := 0.7,
    top_k := 10,
    min_matched_peaks := 6,
    max_mz_difference := 500.0,
    fragment_tolerance_da := 0.01,
    modification_tolerance_da := 0.005
) AS TABLE
-- Grouped, though each pair is there once: clients before 1.4 compute a part that is looked at twice only once where it
-- groups, and a file for them keeps no AS MATERIALIZED.
WITH network_scored AS MATERIALIZED (
    SELECT spectrum_id_a, spectrum_id_b, max(score) AS score
    FROM network_pairs(
        'vectors.' || collection || '__' || model, min_score := min_score, max_mz_difference := max_mz_difference
    )
    GROUP BY spectrum_id_a, spectrum_id_b
),
network_shared AS (
    FROM shifted_matches('network_scored', fragment_tolerance_da := fragment_tolerance_da)
),
network_matched AS (
    SELECT * FROM network_scored INNER JOIN network_shared USING (spectrum_id_a, spectrum_id_b)
),
network_kept AS (
    FROM best_links('network_matched', top_k := top_k, min_matched_peaks := min_matched_peaks)
)
FROM named_links('network_kept', modification_tolerance_da := modification_tolerance_da)
ORDER BY score DESC, spectrum_id_a, spectrum_id_b;
COMMENT ON MACRO TABLE network IS
    'The molecular network of a collection by vectors: spectrum_id_a, spectrum_id_b, score, matched_peaks, '
    'mz_difference, mass_difference, modification';
