-- A statement as the engine reads it, as JSON; of others than SELECT it says that they cannot be told so.
-- Inputs: none. Parameters: $statement. Columns: parsed.
SELECT json_serialize_sql($statement::VARCHAR) AS parsed;
