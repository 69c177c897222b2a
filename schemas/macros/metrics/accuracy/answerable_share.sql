-- The accuracy that no method can exceed with this library: the share of queries whose right analyte it holds in reach.
--
-- Inputs: top_k_accuracy, top_k_accuracy_by_analyte.
-- Parameters: search: a search_id; truth: a relation as for search_truth.
-- Columns: search_id, n_queries, n_answerable, per_spectrum, n_analytes, n_answerable_analytes, per_analyte.
CREATE OR REPLACE MACRO answerable_share(search, truth := 'known_analytes') AS TABLE
SELECT
    spectra.search_id,
    spectra.n_queries,
    spectra.n_answerable,
    spectra.best_possible AS per_spectrum,
    analytes.n_analytes,
    analytes.n_answerable AS n_answerable_analytes,
    analytes.best_possible AS per_analyte
FROM top_k_accuracy(search, truth := truth) AS spectra
CROSS JOIN top_k_accuracy_by_analyte(search, truth := truth) AS analytes;
COMMENT ON MACRO TABLE answerable_share IS
    'Accuracy that the coverage of the library allows, per spectrum and per analyte';
