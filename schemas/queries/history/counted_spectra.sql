-- Spectra of a collection of one version of the record that counted when a search began: those of imports that had
-- ended.
-- Inputs: record_rows (rows of the record's spectra), imports. Parameters: $ended_by (NULL: at any time). Columns:
--   those of record_rows.
SELECT record_rows.*
FROM record_rows
SEMI JOIN (SELECT import_id FROM imports WHERE $ended_by IS NULL OR finished <= $ended_by) AS ended
    ON ended.import_id = record_rows.import_id;
