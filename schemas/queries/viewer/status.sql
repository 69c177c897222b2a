-- What a lab is: what it holds, and which rule makes its answers confident.
-- Inputs: lab_status, confident_rule, properties. Parameters: none.
-- Columns: those of lab_status; confident_rule, in words; spectradb_version, which published it (NULL: not recorded).
SELECT
    lab_status.*,
    (SELECT rule FROM confident_rule) AS confident_rule,
    (SELECT value FROM properties WHERE name = 'spectradb_version') AS spectradb_version
FROM lab_status;
