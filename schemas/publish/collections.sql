-- The published collections, libraries and studies.
-- Inputs: libraries, studies. Parameters: none. Columns: name.
SELECT name FROM libraries
UNION
SELECT name FROM studies
ORDER BY name;
