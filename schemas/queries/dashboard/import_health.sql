-- What imports dropped, changed or could not read, and why: the tile "Import health" of the dashboard.
-- Inputs: import_summary. Parameters: none.
-- Columns: collection, outcome (read, kept, dropped, changed, failed), reason, n (spectra; files where it failed),
--   n_files, share (n of the spectra of the collection that were read; NULL where none was), explanation.
SELECT
    collection,
    outcome,
    reason,
    n,
    n_files,
    CASE WHEN outcome <> 'failed' THEN
        n / nullif(sum(n) FILTER (outcome = 'read') OVER (PARTITION BY collection), 0)
    END AS share,
    explanation
FROM import_summary
ORDER BY collection, outcome, n DESC, reason;
