-- What each run gave: spectra, and in each search how many were answered, how many distinct analytes, and the median score.
-- Inputs: runs, samples, identifications. Parameters: none. Columns: as selected; search columns are NULL before the first search.
CREATE OR REPLACE VIEW sample_summary AS
SELECT
    runs.collection AS study,
    runs.run_id,
    samples.name AS sample,
    samples.sample_type,
    samples.sample_group,
    runs.n_spectra,
    found.search_id,
    coalesce(found.n_identified, 0) AS n_identified,
    coalesce(found.n_analytes, 0) AS n_analytes,
    found.median_score
FROM runs
LEFT JOIN samples USING (sample_id)
LEFT JOIN (
    SELECT
        run_id,
        search_id,
        count(*) AS n_identified,
        count(DISTINCT analyte_id) AS n_analytes,
        median(score) AS median_score
    FROM identifications
    GROUP BY run_id, search_id
) AS found ON found.run_id = runs.run_id;
COMMENT ON VIEW sample_summary IS 'Spectra per run and, per search, how many were answered and by how many analytes';
COMMENT ON COLUMN sample_summary.study IS 'Name of the study';
COMMENT ON COLUMN sample_summary.run_id IS 'The run';
COMMENT ON COLUMN sample_summary.sample IS 'Name of the sample';
COMMENT ON COLUMN sample_summary.search_id IS 'The search; NULL before the first one';
COMMENT ON COLUMN sample_summary.n_identified IS 'Spectra of the run that the search answered';
COMMENT ON COLUMN sample_summary.n_analytes IS 'Distinct analytes among the best answers';
COMMENT ON COLUMN sample_summary.median_score IS 'Median score of the best answers';
