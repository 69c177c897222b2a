-- Begin anew with the views of collections as models see them.
-- Inputs: none. Parameters: none. Columns: none.
DROP SCHEMA IF EXISTS vectors CASCADE;
CREATE SCHEMA vectors;
