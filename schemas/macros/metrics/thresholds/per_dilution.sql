-- A search judged dilution by dilution, each at its own best threshold.
--
-- Inputs: best_threshold. Parameters: as for threshold_sweep, which see. Columns: as of threshold_sweep; part is the
--   dilution.
CREATE OR REPLACE MACRO per_dilution(search, unit := 'analyte', step := 0.01, truth := 'known_analytes') AS TABLE
FROM best_threshold(search, unit := unit, per := 'dilution', step := step, truth := truth);
COMMENT ON MACRO TABLE per_dilution IS
    'Counts and metrics of a search for every dilution of its study, each at the threshold with the highest F1';
