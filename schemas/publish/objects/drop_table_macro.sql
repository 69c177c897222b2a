-- Drop a table macro that is made anew, or is no more.
-- Inputs: {object_name}. Parameters: {object_name}. Columns: none.
DROP MACRO TABLE IF EXISTS {object_name};
