-- Write everything to the new file and let go of it.
-- Inputs: the attached files. Parameters: none. Columns: none.
COMMIT;
CHECKPOINT lab;
USE memory;
DETACH lab;
