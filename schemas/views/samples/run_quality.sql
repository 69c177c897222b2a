-- How the runs of a study went, in the order they were injected in: what an instrument's drift, a bad injection or a
-- dirty blank shows in.
-- Inputs: sample_summary, latest_identifications, spectra. Parameters: none. Columns: as selected; one row per run.
--   injection is NULL where a file does not state when its acquisition began; what the newest search says is NULL
--   before the first one.
CREATE OR REPLACE VIEW run_quality AS
WITH measured AS (
    SELECT run_id, sum(tic) AS total_intensity, median(n_peaks) AS median_peaks
    FROM spectra
    WHERE run_id IS NOT NULL
    GROUP BY run_id
),
answers AS (
    SELECT run_id, median(ppm_error) FILTER (confident) AS median_ppm_error
    FROM latest_identifications
    GROUP BY run_id
)
SELECT
    r.study,
    r.run_id,
    r.sample,
    r.sample_type,
    r.sample_group,
    r.started,
    CASE WHEN r.started IS NOT NULL THEN row_number() OVER (PARTITION BY r.study ORDER BY r.started, r.run_id) END
        AS injection,
    r.n_spectra,
    m.total_intensity,
    m.median_peaks,
    r.search_id,
    r.n_answered,
    r.n_confident,
    a.median_ppm_error
FROM sample_summary AS r
LEFT JOIN measured AS m ON m.run_id = r.run_id
LEFT JOIN answers AS a ON a.run_id = r.run_id;
COMMENT ON VIEW run_quality IS 'How each run of a study went, in the order of injection';
COMMENT ON COLUMN run_quality.study IS 'Name of the study';
COMMENT ON COLUMN run_quality.run_id IS 'The run';
COMMENT ON COLUMN run_quality.sample IS 'Name of the sample that was injected';
COMMENT ON COLUMN run_quality.sample_type IS 'Kind of sample: sample, blank, QC, as the sample table spells it';
COMMENT ON COLUMN run_quality.sample_group IS 'Group of the study design';
COMMENT ON COLUMN run_quality.started IS 'When its acquisition began; NULL where the file does not state it';
COMMENT ON COLUMN run_quality.injection IS
    'Place among the runs of the study that state when they began, from 1; NULL for those that do not';
COMMENT ON COLUMN run_quality.n_spectra IS 'MS/MS spectra of the run';
COMMENT ON COLUMN run_quality.total_intensity IS 'Sum of the intensities of all peaks of its MS/MS spectra';
COMMENT ON COLUMN run_quality.median_peaks IS 'Median number of peaks of its MS/MS spectra';
COMMENT ON COLUMN run_quality.search_id IS 'The newest search of the study; NULL before the first one';
COMMENT ON COLUMN run_quality.n_answered IS 'Spectra that it answered, at whatever score';
COMMENT ON COLUMN run_quality.n_confident IS
    'Those that it answered confidently; NULL where the rule cannot be applied to it';
COMMENT ON COLUMN run_quality.median_ppm_error IS
    'Median precursor error of the confident answers in ppm: library minus query; NULL without any';
