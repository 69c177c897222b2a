-- Fill kept_states.
-- Inputs: record_kept_states. Parameters: none. Columns: of kept_states.
INSERT INTO kept_states BY NAME
FROM record_kept_states
ORDER BY kept, name;
