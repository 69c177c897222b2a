-- How many spectra of each run were identified: the tile "Identifications" of the dashboard.
-- Inputs: sample_summary. Parameters: none.
-- Columns: study, run_id, sample, sample_type and sample_group ("not stated" where the sample table does not),
--   n_spectra, and its parts, which sum to it: n_confident, n_other_answers (answered, not confidently; all answers
--   where the rule of confident answers cannot be applied), n_unanswered (without a candidate), n_not_searched (of a
--   study without a search); n_analytes, different ones among the confident answers, NULL where that cannot be told.
SELECT
    study,
    run_id,
    coalesce(sample, run_id) AS sample,
    coalesce(sample_type, 'not stated') AS sample_type,
    coalesce(sample_group, 'not stated') AS sample_group,
    n_spectra,
    coalesce(n_confident, 0) AS n_confident,
    coalesce(n_answered, 0) - coalesce(n_confident, 0) AS n_other_answers,
    CASE WHEN search_id IS NULL THEN 0 ELSE n_spectra - n_answered END AS n_unanswered,
    CASE WHEN search_id IS NULL THEN n_spectra ELSE 0 END AS n_not_searched,
    n_analytes
FROM sample_summary
ORDER BY study, sample_type, sample_group, sample, run_id;
