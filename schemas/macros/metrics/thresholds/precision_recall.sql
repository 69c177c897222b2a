-- Precision, recall and F1 of a number of identifications, as the paper's Table 2 defines them.
--
-- Inputs: none. Parameters: true_positives; false_positives: identifications that count as false; n_true: all that
--   could be found.
-- Columns: a struct with false_negatives (n_true - true_positives), precision (of identifications; NULL when there is
--   none), recall (of all that could be found), f1 (2 TP / (2 TP + spurious + FN)).
CREATE OR REPLACE MACRO precision_recall(true_positives, false_positives, n_true) AS {
    'false_negatives': n_true - true_positives,
    'precision': true_positives / nullif(true_positives + false_positives, 0),
    'recall': true_positives / nullif(n_true, 0),
    'f1': 2 * true_positives / nullif(true_positives + false_positives + n_true, 0)
};
COMMENT ON MACRO precision_recall IS
    'Precision, recall, F1 and false negatives of counted identifications, as a struct';
