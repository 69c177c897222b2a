-- Drop a macro that is made anew, or is no more.
-- Inputs: {object_name}. Parameters: {object_name}. Columns: none.
DROP MACRO IF EXISTS {object_name};
