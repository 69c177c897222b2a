-- Commit what is filled so far and go on: one transaction that fills a large table keeps memory until it ends. The file
-- is nobody's before it is renamed into place, so no reader sees the part.
-- Inputs: the open transaction. Parameters: none. Columns: none.
COMMIT;
BEGIN TRANSACTION;
