-- How much each run measured beside the others of its study, by kind of sample: the tile "Blanks and QC" of the
-- dashboard. Blanks should lie low, and pooled controls close together.
-- Inputs: run_quality. Parameters: none.
-- Columns: study, run_id, sample, sample_type and sample_group ("not stated" where the sample table does not),
--   n_spectra, total_intensity (of all MS/MS peaks), relative_intensity (to the median of the runs of the study whose
--   sample_type does not say blank; NULL where that is not known), median_peaks, n_confident.
SELECT
    study,
    run_id,
    coalesce(sample, run_id) AS sample,
    coalesce(sample_type, 'not stated') AS sample_type,
    coalesce(sample_group, 'not stated') AS sample_group,
    n_spectra,
    total_intensity,
    total_intensity / nullif(
        median(total_intensity) FILTER (NOT contains(lower(coalesce(sample_type, '')), 'blank'))
            OVER (PARTITION BY study),
        0
    ) AS relative_intensity,
    median_peaks,
    n_confident
FROM run_quality
ORDER BY study, sample_type, sample, run_id;
