-- How much of the queries of searches their models were trained on.
-- Inputs: searches, models, seen_queries, a relation with search_id and the columns of seen_in_training for each of the
--   searches.
-- Parameters: $searches: list of search_id.
-- Columns: search_id, model (both of searches by trained models only), told (the card says what it was trained on),
-- n_queries (of known analytes), n_spectra_seen and n_analytes_seen (of them; those whose analyte was trained on),
-- n_untold (of whose analyte the card does not tell), unseen_contributors (of queries, that the card does not list;
-- sorted).
SELECT
    searches.search_id,
    searches.model,
    bool_or(seen.spectrum_seen IS NOT NULL) AS told,
    count(*) AS n_queries,
    count(*) FILTER (seen.spectrum_seen) AS n_spectra_seen,
    count(*) FILTER (seen.analyte_seen) AS n_analytes_seen,
    count(*) FILTER (seen.analyte_seen IS NULL) AS n_untold,
    list_sort(
        coalesce(
            list(DISTINCT spectra.contributor) FILTER (NOT seen.contributor_seen AND spectra.contributor IS NOT NULL),
            []
        )
    )
        AS unseen_contributors
FROM searches
INNER JOIN models ON models.name = searches.model AND models.training_data IS NOT NULL
INNER JOIN seen_queries AS seen ON seen.search_id = searches.search_id
INNER JOIN spectra ON spectra.spectrum_id = seen.query_id
WHERE list_contains($searches, searches.search_id) AND seen.analyte_id IS NOT NULL
GROUP BY ALL
ORDER BY searches.search_id;
