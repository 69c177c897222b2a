-- Go on with a copy of the file published before, in one transaction.
-- Inputs: none. Parameters: {path}, the copy. Columns: none.
ATTACH {path} AS lab;
USE lab;
BEGIN TRANSACTION;
