-- Of the right answers that a baseline leaves on the table, the share that another method picks up.
--
-- Inputs: none. Parameters: accuracy, baseline: accuracies of the two; best_possible: what the library allows.
-- Columns: a scalar: (accuracy - baseline) / (best_possible - baseline); NULL when the baseline leaves nothing.
CREATE OR REPLACE MACRO share_closed(accuracy, baseline, best_possible) AS
(accuracy - baseline) / nullif(best_possible - baseline, 0);
COMMENT ON MACRO share_closed IS
    'Share of the gap between a baseline and the best possible accuracy that another accuracy closes';
