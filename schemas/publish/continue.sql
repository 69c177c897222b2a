-- Go on with a copy of the file published before; the views of collections are made anew, in one transaction.
-- Inputs: none. Parameters: {path}, the copy. Columns: none.
ATTACH {path} AS lab;
USE lab;
BEGIN TRANSACTION;
DROP SCHEMA IF EXISTS vectors CASCADE;
CREATE SCHEMA vectors;
