-- What the functions of MassQL tell about the spectra that a query found, whole as they are: a row each.
--
-- Inputs: a relation, given by name, with the columns of spectra and any others.
-- Parameters: found: name of the relation.
-- Columns: those of the relation; intensity_sum (of all peaks, also those that the import left out), intensity_max,
--   relative_intensity_max (1).
CREATE OR REPLACE MACRO massql_scaninfo(found) AS TABLE
SELECT
    f.*,
    f.tic AS intensity_sum,
    list_max(f.intensity) AS intensity_max,
    1.0::DOUBLE AS relative_intensity_max
FROM query_table(found) AS f;
COMMENT ON MACRO TABLE massql_scaninfo IS
    'Internal: what MassQL tells about found spectra: their columns, intensity_sum, intensity_max, '
    'relative_intensity_max';
