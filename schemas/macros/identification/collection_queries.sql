-- The spectra of one collection as the queries of a search by peaks: at the precursor m/z that their source states.
--
-- Inputs: spectra.
-- Parameters: those of collection_spectra; query_range: the first and the last id, NULL: all;
--   query_ids: list of ids, NULL: all.
-- Columns: those of collection_spectra; see query_spectra.
CREATE OR REPLACE MACRO collection_queries(
    collection_name, contributors := NULL, query_range := NULL, query_ids := NULL
) AS TABLE
SELECT * REPLACE (coalesce(precursor_mz_stated, precursor_mz) AS precursor_mz)
FROM collection_spectra(collection_name, contributors := contributors)
WHERE (query_range IS NULL OR id BETWEEN query_range[1] AND query_range[2])
    AND (query_ids IS NULL OR list_contains(query_ids, id));
COMMENT ON MACRO TABLE collection_queries IS
    'Internal: the spectra of one collection as queries: the columns of collection_spectra, with precursor_mz as the '
    'source states it, where it does';
