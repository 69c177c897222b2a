-- What the imports read, kept, dropped and changed, by reason.
-- Inputs: import_summary. Parameters: $collections, names (NULL: all).
-- Columns: collection, outcome, reason, n, n_files, explanation; read and kept first, then the commonest reasons.
SELECT collection, outcome, reason, n, n_files, explanation
FROM import_summary
WHERE $collections::VARCHAR[] IS NULL OR list_contains($collections::VARCHAR[], collection)
ORDER BY collection, list_position(['read', 'kept', 'dropped', 'changed', 'failed'], outcome), n DESC, reason;
