-- calls by its former name.
-- Inputs: calls. Parameters: those of calls. Columns: those of calls.
CREATE OR REPLACE MACRO judged_calls(search, unit := 'analyte', per := 'search', truth := 'known_analytes') AS TABLE
FROM calls(search, unit := unit, per := per, truth := truth);
COMMENT ON MACRO TABLE judged_calls IS 'Deprecated: call calls';
