-- What imports did, summed over their files: one row per collection, outcome and reason.
-- Inputs: import_log. Parameters: none. Columns: collection, outcome, reason, n, n_files, explanation.
CREATE OR REPLACE VIEW import_summary AS
SELECT
    collection,
    outcome,
    reason,
    sum(n)::BIGINT AS n,
    count(DISTINCT file_name) AS n_files,
    any_value(explanation) AS explanation
FROM import_log
GROUP BY collection, outcome, reason;
COMMENT ON VIEW import_summary IS
    'Spectra read, kept, dropped and changed by the imports of each collection, by reason';
COMMENT ON COLUMN import_summary.n IS 'Number of spectra (of files, when failed)';
COMMENT ON COLUMN import_summary.n_files IS 'Number of files that had such spectra';
COMMENT ON COLUMN import_summary.collection IS 'Name of the library or study';
COMMENT ON COLUMN import_summary.outcome IS 'read, kept, dropped, changed or failed, as in import_log';
COMMENT ON COLUMN import_summary.reason IS 'Why, in one word; as in import_log';
COMMENT ON COLUMN import_summary.explanation IS 'What the reason means and what can be done';
