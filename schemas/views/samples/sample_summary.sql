-- What each run of a study gave: spectra, and how many of them the newest search of the study answered, and how many
-- confidently. For another search there is the macro run_summary.
-- Inputs: run_summary. Parameters: none. Columns: as selected; one row per run. Those of the search are NULL before the
--   first one.
CREATE OR REPLACE VIEW sample_summary AS
SELECT
    study,
    run_id,
    sample,
    sample_type,
    sample_group,
    n_spectra,
    search_id,
    n_answered,
    n_confident,
    n_analytes,
    median_score,
    started,
    n_features,
    total_area
FROM run_summary();
COMMENT ON VIEW sample_summary IS
    'Spectra of each run of a study, and how many of them its newest search (view latest_searches) answered, and how '
    'many confidently';
COMMENT ON COLUMN sample_summary.study IS 'Name of the study';
COMMENT ON COLUMN sample_summary.run_id IS 'The run';
COMMENT ON COLUMN sample_summary.sample IS 'Name of the sample';
COMMENT ON COLUMN sample_summary.sample_type IS 'Kind of sample: sample, blank, QC, as the sample table spells it';
COMMENT ON COLUMN sample_summary.sample_group IS 'Group of the study design';
COMMENT ON COLUMN sample_summary.n_spectra IS 'Spectra of the run';
COMMENT ON COLUMN sample_summary.search_id IS 'The search; NULL before the first one';
COMMENT ON COLUMN sample_summary.n_answered IS
    'Spectra of the run that the search has an answer for, at whatever score';
COMMENT ON COLUMN sample_summary.n_confident IS
    'Those whose answer is confident by the rule of the view confident_rule; NULL where the rule cannot be applied to '
    'the search';
COMMENT ON COLUMN sample_summary.n_analytes IS 'Different analytes among the confident answers; NULL like n_confident';
COMMENT ON COLUMN sample_summary.median_score IS 'Median score of the answers';
COMMENT ON COLUMN sample_summary.started IS
    'When its acquisition started, as the file states it; NULL when it does not say';
COMMENT ON COLUMN sample_summary.n_features IS
    'Features with an area above 0 in the run, by the feature table of the study; NULL: it has none for the run';
COMMENT ON COLUMN sample_summary.total_area IS 'Sum of their areas; NULL like n_features';
