-- Which features of a study have more area in one group of samples than in the others: a row a feature and group.
--
-- Inputs: feature_areas, runs, sample_labels, feature_summary, welch_t.
-- Parameters: study_name: name of the study; target: the column of its sample table that makes the groups, as
--   sample_labels names it; search: a search_id, whose answers name features; NULL: the newest of the study.
-- Columns: group_value, feature_id, precursor_mz, retention_time_s, n_group, n_others (samples), n_with (samples of the
--   group with an area above 0), mean_area, mean_area_others, log2_fold (difference of the means of log2 areas), t, df,
--   p_value (Welch's, of the log2 areas, two-sided), q_value (Benjamini and Hochberg, among the features of the group),
--   analyte_id, name, score, confident (of the best answer to one of the feature's spectra). Those of the least p come
--   first.
--
-- A sample's area is the mean of its runs'. Controls (blanks, QC, pools) and runs that the study does not have are left
-- out. An area of 0 is one not found, and counts as a fifth of the feature's smallest area above 0. Replicates of a
-- sample are no samples, and groups of one have no p.
CREATE OR REPLACE MACRO feature_markers(study_name, target, search := NULL) AS TABLE
WITH grouped AS (
    SELECT l.unit_id AS sample_id, l.value AS group_value
    FROM sample_labels AS l
    WHERE l.study = study_name AND l.level = 'sample' AND l.name = target AND NOT l.is_control
),
areas AS (
    SELECT f.feature_id, r.sample_id, avg(f.area) AS area
    FROM feature_areas AS f
    INNER JOIN runs AS r ON r.run_id = f.run_id
    WHERE f.study = study_name
    GROUP BY f.feature_id, r.sample_id
),
in_samples AS (
    SELECT
        a.feature_id,
        g.group_value,
        a.area,
        log2(
            CASE
                WHEN a.area > 0 THEN a.area
                ELSE min(a.area) FILTER (WHERE a.area > 0) OVER (PARTITION BY a.feature_id) / 5
            END
        ) AS log_area
    FROM areas AS a
    INNER JOIN grouped AS g ON g.sample_id = a.sample_id
),
groups AS (
    SELECT DISTINCT i.group_value FROM in_samples AS i
),
sides AS (
    SELECT
        groups.group_value,
        i.feature_id,
        count(*) FILTER (WHERE i.group_value = groups.group_value) AS n_group,
        count(*) FILTER (WHERE i.group_value <> groups.group_value) AS n_others,
        count(*) FILTER (WHERE i.group_value = groups.group_value AND i.area > 0) AS n_with,
        avg(i.area) FILTER (WHERE i.group_value = groups.group_value) AS mean_area,
        avg(i.area) FILTER (WHERE i.group_value <> groups.group_value) AS mean_area_others,
        avg(i.log_area) FILTER (WHERE i.group_value = groups.group_value) AS log_group,
        avg(i.log_area) FILTER (WHERE i.group_value <> groups.group_value) AS log_others,
        var_samp(i.log_area) FILTER (WHERE i.group_value = groups.group_value) AS var_group,
        var_samp(i.log_area) FILTER (WHERE i.group_value <> groups.group_value) AS var_others
    FROM groups
    CROSS JOIN in_samples AS i
    GROUP BY groups.group_value, i.feature_id
),
tested AS (
    SELECT *, welch_t(log_others, var_others, n_others, log_group, var_group, n_group) AS test
    FROM sides
),
ranked AS (
    SELECT
        *,
        count(test.p_two_sided) OVER (PARTITION BY group_value) AS n_tests,
        row_number() OVER (PARTITION BY group_value ORDER BY test.p_two_sided ASC NULLS LAST, feature_id) AS place
    FROM tested
),
known AS (
    FROM feature_summary(study_name, search := search)
)
SELECT
    m.group_value,
    m.feature_id,
    k.precursor_mz,
    k.retention_time_s,
    m.n_group,
    m.n_others,
    m.n_with,
    m.mean_area,
    m.mean_area_others,
    m.log_group - m.log_others AS log2_fold,
    m.test.t AS t,
    m.test.df AS df,
    m.test.p_two_sided AS p_value,
    min(least(m.test.p_two_sided * m.n_tests / m.place, 1)) OVER (
        PARTITION BY m.group_value ORDER BY m.place DESC ROWS UNBOUNDED PRECEDING
    ) AS q_value,
    k.analyte_id,
    k.name,
    k.score,
    k.confident
FROM ranked AS m
INNER JOIN known AS k ON k.feature_id = m.feature_id
ORDER BY p_value ASC NULLS LAST, m.group_value, m.feature_id;
COMMENT ON MACRO TABLE feature_markers IS
    'Features with more area in a group of samples than in the others: group_value, feature_id, precursor_mz, '
    'retention_time_s, n_group, n_others, n_with, mean_area, mean_area_others, log2_fold, t, df, p_value, q_value, '
    'analyte_id, name, score, confident';
