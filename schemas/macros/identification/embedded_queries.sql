-- The spectra of a collection that have vectors, as the queries of a search: at the precursor m/z that their source
-- states.
--
-- Inputs: vectors.<study>__<model>.
-- Parameters: study: name of the collection; model: whose vectors ('default': the lab's default model); contributors:
--   list of contributors whose spectra to take; NULL: all; query_range: the first and the last id; NULL: all;
--   query_ids: list of ids, NULL: all.
-- Columns: those of the view; see query_spectra.
CREATE OR REPLACE MACRO embedded_queries(
    study, model := 'default', contributors := NULL, query_range := NULL, query_ids := NULL
) AS TABLE
FROM query_spectra('vectors.' || study || '__' || model)
WHERE (contributors IS NULL OR list_contains(contributors, contributor))
    AND (query_range IS NULL OR id BETWEEN query_range[1] AND query_range[2])
    AND (query_ids IS NULL OR list_contains(query_ids, id));
COMMENT ON MACRO TABLE embedded_queries IS
    'Internal: the spectra of a collection as queries, with their vectors: those of some contributors, or of some '
    'ids, if wanted';
