-- Two searches compared over the groups of isomers in their queries: who wins more analytes and groups, and who is
-- balanced?
--
-- Inputs: isomer_accuracy, isomer_scores.
-- Parameters: search_a, search_b: search_ids; the others as for isomer_accuracy. Analytes that only one has queries of
--   are left out.
-- Columns: of isomer_scores, method being the search_id.
CREATE OR REPLACE MACRO isomer_wins(
    search_a, search_b, min_analytes := 2, min_spectra := 1, at_k := 1, truth := 'known_analytes'
) AS TABLE
WITH accuracies_of_a AS (
    SELECT search_a AS method, formula AS isomer_group, analyte_id AS analyte, accuracy
    FROM isomer_accuracy(
        search_a, min_analytes := min_analytes, min_spectra := min_spectra, at_k := at_k, truth := truth
    )
),
accuracies_of_b AS (
    SELECT search_b AS method, formula AS isomer_group, analyte_id AS analyte, accuracy
    FROM isomer_accuracy(
        search_b, min_analytes := min_analytes, min_spectra := min_spectra, at_k := at_k, truth := truth
    )
),
accuracies_of_both AS (
    FROM accuracies_of_a
    SEMI JOIN accuracies_of_b USING (analyte)
    UNION ALL
    FROM accuracies_of_b
    SEMI JOIN accuracies_of_a USING (analyte)
)
FROM isomer_scores('accuracies_of_both');
COMMENT ON MACRO TABLE isomer_wins IS
    'Isomers and groups of isomers that each of two searches wins, with ties and balance';
