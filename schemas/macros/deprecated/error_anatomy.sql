-- error_analysis by its former name.
-- Inputs: error_analysis. Parameters: those of error_analysis. Columns: those of error_analysis.
CREATE OR REPLACE MACRO error_anatomy(search, truth := 'known_analytes') AS TABLE
FROM error_analysis(search, truth := truth);
COMMENT ON MACRO TABLE error_anatomy IS 'Deprecated: call error_analysis';
