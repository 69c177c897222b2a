"""Statements for the macros that read feature tables; each first writes a small one."""

CALLS = {
    "mzmine_features": """
-- With FEATURE_ID in the MGF, `JOIN spectra USING (feature_id)` says which spectra are theirs.
COPY (
    SELECT
        26 AS "row ID", 181.072 AS "row m/z", 1.5 AS "row retention time", 140.2 AS "row CCS",
        1250.5 AS "control_05.mzML Peak area", 0 AS "treated_01.mzML Peak area"
) TO 'quant.csv';
SELECT feature_id, precursor_mz, retention_time_s, ccs, run, area FROM mzmine_features('quant.csv')""",
    "msdial_features": """
COPY (
    SELECT unnest([
        concat_ws(chr(9), '', '', '', 'Injection order', '1', '2', 'NA'),
        concat_ws(
            chr(9), 'Alignment ID', 'Average Rt(min)', 'Average Mz', 'Metabolite name', 'control_05', 'treated_01', 'all'
        ),
        concat_ws(chr(9), '0', '1.5', '181.072', 'Theophylline', '1250.5', '0', '625.25')
    ])
) TO 'alignment.txt' (HEADER false, QUOTE '', DELIMITER '|');
SELECT feature_id, precursor_mz, retention_time_s, name, run, area FROM msdial_features('alignment.txt')""",
    "feature_summary": """
-- The demo has no feature table: after `spectradb import-features` there is a row for each feature.
SELECT count(*) AS n_features FROM feature_summary('simulated_study')""",
    "feature_markers": """
-- The demo has no feature table: after `spectradb import-features` there is a row for each feature and group.
SELECT count(*) AS n_rows FROM feature_markers('simulated_study', 'sample_group')""",
}
