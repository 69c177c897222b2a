-- Write everything to the new file and let go of it.
-- Inputs: the attached files. Parameters: none. Columns: none.
CHECKPOINT lab;
USE memory;
DETACH lab;
