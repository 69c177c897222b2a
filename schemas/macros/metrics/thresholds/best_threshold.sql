-- The score threshold that maximises F1, for every part of the study; of equal ones the highest.
--
-- Inputs: threshold_sweep. Parameters: as for threshold_sweep. Columns: as of threshold_sweep.
CREATE OR REPLACE MACRO best_threshold(
    search, unit := 'analyte', per := 'search', step := 0.01, truth := 'known_analytes'
) AS TABLE
SELECT *
FROM threshold_sweep(search, unit := unit, per := per, step := step, truth := truth)
QUALIFY row_number() OVER (PARTITION BY part ORDER BY f1 DESC NULLS LAST, threshold DESC) = 1
ORDER BY as_number(part) NULLS LAST, part;
COMMENT ON MACRO TABLE best_threshold IS
    'Counts and metrics of a search at the threshold with the highest F1, by part of the study';
