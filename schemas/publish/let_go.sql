-- Let go of the new file.
-- Inputs: the attached file. Parameters: none. Columns: none.
USE memory;
DETACH lab;
