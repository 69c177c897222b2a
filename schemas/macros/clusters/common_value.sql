-- The value that all rows of a group have which state one; NULL where they differ, or none states any.
-- Inputs: none. Parameters: stated: a column. Columns: none; the value is of the column's type.
CREATE OR REPLACE MACRO common_value(stated) AS
CASE WHEN count(DISTINCT stated) = 1 THEN min(stated) END;
COMMENT ON MACRO common_value IS
    'Aggregate: the value that all rows of a group have which state one; NULL where they differ or none does';
