-- Drop a view that is made anew, or is no more.
-- Inputs: {object_name}. Parameters: {object_name}. Columns: none.
DROP VIEW IF EXISTS {object_name};
