-- Sample predictions: what a classifier or a regression that had not seen a run or sample said of it.
-- Inputs: none. Parameters: none. Columns: as commented below.
CREATE TABLE sample_predictions (
    job VARCHAR NOT NULL,
    study VARCHAR NOT NULL,
    target VARCHAR NOT NULL,
    task VARCHAR NOT NULL,
    method VARCHAR NOT NULL,
    model VARCHAR,
    level VARCHAR NOT NULL,
    blanks_subtracted BOOLEAN NOT NULL,
    estimator VARCHAR NOT NULL,
    splits VARCHAR NOT NULL,
    group_column VARCHAR,
    seed INTEGER NOT NULL,
    fold INTEGER NOT NULL,
    unit_id VARCHAR NOT NULL,
    truth VARCHAR,
    predicted VARCHAR,
    truth_number DOUBLE,
    predicted_number DOUBLE,
    probabilities MAP(VARCHAR, DOUBLE), -- noqa: LT01
    created TIMESTAMP NOT NULL
);
COMMENT ON TABLE sample_predictions IS 'One held-out run or sample in one split of one job, with what was predicted';
COMMENT ON COLUMN sample_predictions.job IS 'Name of the job; methods and baselines of one job share their splits';
COMMENT ON COLUMN sample_predictions.study IS 'Name of the study';
COMMENT ON COLUMN sample_predictions.target IS
    'Column of the sample table that was predicted, or a condition on it such as tomato>0';
COMMENT ON COLUMN sample_predictions.task IS 'classification or regression';
COMMENT ON COLUMN sample_predictions.method IS
    'How spectra became one vector, as in sample_embeddings; none for the baseline that sees no spectra';
COMMENT ON COLUMN sample_predictions.model IS 'The model whose vectors were aggregated; NULL for profiles';
COMMENT ON COLUMN sample_predictions.level IS 'run or sample';
COMMENT ON COLUMN sample_predictions.blanks_subtracted IS 'Whether spectra that blanks show as well were left out';
COMMENT ON COLUMN sample_predictions.estimator IS
    'logistic, forest, svm, nearest or, for numbers, ridge or forest; majority or mean for the baseline that sees no '
    'spectra';
COMMENT ON COLUMN sample_predictions.splits IS 'stratified (70/30), cv, leave-group-out or leave-one-out';
COMMENT ON COLUMN sample_predictions.group_column IS 'Column whose groups never straddle a split; NULL for none';
COMMENT ON COLUMN sample_predictions.seed IS 'Which repeat';
COMMENT ON COLUMN sample_predictions.fold IS 'Which fold of the repeat; 0 in 70/30 splits';
COMMENT ON COLUMN sample_predictions.unit_id IS 'run_id or sample_id that was held out, as level says';
COMMENT ON COLUMN sample_predictions.truth IS 'Its class; NULL in a regression';
COMMENT ON COLUMN sample_predictions.predicted IS 'Predicted class; NULL in a regression';
COMMENT ON COLUMN sample_predictions.truth_number IS 'Its number; NULL in a classification';
COMMENT ON COLUMN sample_predictions.predicted_number IS 'Predicted number; NULL in a classification';
COMMENT ON COLUMN sample_predictions.probabilities IS 'Score of each class between 0 and 1; NULL in a regression';
COMMENT ON COLUMN sample_predictions.created IS 'Time of the job, UTC';
