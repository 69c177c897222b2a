-- Write everything to the new file.
-- Inputs: the attached file. Parameters: none. Columns: none.
COMMIT;
CHECKPOINT lab;
