-- Let go of the file published before.
-- Inputs: previous. Parameters: none. Columns: none.
DETACH previous;
