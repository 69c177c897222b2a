-- Which macros and views a published file has.
-- Inputs: publications. Parameters: none. Columns: state; no row in files of versions that did not note it.
SELECT state FROM publications WHERE table_name = 'macros and views';
