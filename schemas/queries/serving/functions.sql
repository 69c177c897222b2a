-- What a statement could call that does more than to compute something from its arguments: functions that give tables,
-- which can read files and memory and change the engine, and functions whose values do not follow from their
-- arguments. The lab's own macros are none of them.
-- Inputs: none. Parameters: none. Columns: function_name.
SELECT DISTINCT function_name
FROM duckdb_functions()
WHERE database_name = 'system'
    AND (function_type IN ('table', 'pragma') OR stability = 'VOLATILE' OR has_side_effects)
    AND function_name NOT IN (
        SELECT function_name
        FROM duckdb_functions()
        WHERE function_type IN ('aggregate', 'macro')
            OR (function_type = 'scalar' AND stability <> 'VOLATILE' AND NOT coalesce(has_side_effects, false))
    )
ORDER BY function_name;
