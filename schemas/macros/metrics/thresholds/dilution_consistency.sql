-- Are analytes found in dilute samples those found in the most concentrated one? The paper's Figure 14.
--
-- Inputs: calls, best_threshold.
-- Parameters: search: a search_id; per: what tells the dilution, as for search_queries; parts are ordered as numbers;
--   reference: the part to compare with (NULL: the lowest number, the highest concentration); threshold: lowest score
--   that counts (NULL: the one with the highest F1 of each part); unit, step, truth: as for threshold_sweep.
-- Columns: part, threshold, n_found (right identifications), n_in_reference (of them also found in the reference),
--   n_only_here, share_in_reference, n_reference (found in the reference).
CREATE OR REPLACE MACRO dilution_consistency(
    search,
    per := 'dilution',
    reference := NULL,
    threshold := NULL,
    unit := 'analyte',
    step := 0.01,
    truth := 'known_analytes'
) AS TABLE
WITH cuts AS (
    SELECT part, coalesce(threshold::DOUBLE, best.threshold) AS cut
    FROM best_threshold(search, unit := unit, per := per, step := step, truth := truth) AS best
),
found AS (
    SELECT calls.part, calls.item
    FROM calls(search, unit := unit, per := per, truth := truth) AS calls
    INNER JOIN cuts ON cuts.part = calls.part
    WHERE calls.is_true AND calls.score >= cuts.cut::FLOAT
),
reference_part AS (
    SELECT part
    FROM cuts
    WHERE reference IS NULL OR part = reference::VARCHAR
    ORDER BY as_number(part) NULLS LAST, part
    LIMIT 1
),
reference_items AS (
    SELECT item FROM found SEMI JOIN reference_part USING (part)
)
SELECT
    cuts.part,
    cuts.cut AS threshold,
    count(found.item) AS n_found,
    count(reference_items.item) AS n_in_reference,
    n_found - n_in_reference AS n_only_here,
    n_in_reference / nullif(n_found, 0) AS share_in_reference,
    (SELECT count(*) FROM reference_items) AS n_reference
FROM cuts
LEFT JOIN found ON found.part = cuts.part
LEFT JOIN reference_items ON reference_items.item = found.item
GROUP BY cuts.part, cuts.cut
ORDER BY as_number(cuts.part) NULLS LAST, cuts.part;
COMMENT ON MACRO TABLE dilution_consistency IS
    'Right identifications of every dilution that are, and are not, found in the most concentrated one as well';
