-- How masses and retention times moved from injection to injection: the tile "Drift" of the dashboard.
-- Inputs: run_quality, latest_identifications. Parameters: none.
-- Columns: study, drawing (study and quantity), run_id, sample, sample_type ("not stated" where the sample table does
--   not), injection (place in the order of acquisition), started, quantity ("precursor error, ppm", "retention time
--   shift, s" or "total intensity, log10"), value. Runs that do not state when they were acquired are left out. The
--   precursor error is the median of confident answers, library minus query. The retention time shift is the median,
--   over analytes and adducts answered confidently in two runs of the study or more, of their median time in the run
--   minus the median of these over runs.
WITH times AS (
    SELECT study, run_id, analyte_id, adduct, median(retention_time_s) AS retention_time_s
    FROM latest_identifications
    WHERE confident AND retention_time_s IS NOT NULL AND run_id IS NOT NULL
    GROUP BY study, run_id, analyte_id, adduct
),
shifts AS (
    SELECT
        study,
        run_id,
        retention_time_s - median(retention_time_s) OVER (PARTITION BY study, analyte_id, adduct) AS shift
    FROM times
    QUALIFY count(*) OVER (PARTITION BY study, analyte_id, adduct) > 1
),
runs_in_order AS (
    SELECT
        q.study,
        q.run_id,
        coalesce(q.sample, q.run_id) AS sample,
        coalesce(q.sample_type, 'not stated') AS sample_type,
        q.injection,
        q.started,
        q.median_ppm_error,
        q.total_intensity,
        (SELECT median(s.shift) FROM shifts AS s WHERE s.run_id = q.run_id) AS median_shift
    FROM run_quality AS q
    WHERE q.injection IS NOT NULL
),
measured AS (
    SELECT *, 'precursor error, ppm' AS quantity, median_ppm_error AS value FROM runs_in_order
    UNION ALL
    SELECT *, 'retention time shift, s' AS quantity, median_shift AS value FROM runs_in_order
    UNION ALL
    SELECT *, 'total intensity, log10' AS quantity, log10(nullif(total_intensity, 0)) AS value FROM runs_in_order
)
SELECT
    study,
    concat(study, ': ', quantity) AS drawing,
    run_id,
    sample,
    sample_type,
    injection,
    started,
    quantity,
    value
FROM measured
WHERE value IS NOT NULL
ORDER BY study, quantity, injection;
