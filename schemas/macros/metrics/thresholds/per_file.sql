-- A search judged file by file, each at its own best threshold.
--
-- Inputs: best_threshold. Parameters: as for threshold_sweep, which see. Columns: as of threshold_sweep; part is the
--   run.
CREATE OR REPLACE MACRO per_file(search, unit := 'analyte', step := 0.01, truth := 'known_analytes') AS TABLE
FROM best_threshold(search, unit := unit, per := 'run', step := step, truth := truth);
COMMENT ON MACRO TABLE per_file IS
    'Counts and metrics of a search for every run of its study, each at the threshold with the highest F1';
