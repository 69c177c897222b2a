-- Samples and runs in the plane, with what they are: one table for a scatter plot.
-- Inputs: sample_projection, runs, samples. Parameters: none. Columns: as selected; one row per point of each kind of
--   projection.
CREATE OR REPLACE VIEW projection_points AS
SELECT
    p.study,
    p.level,
    p.projection,
    p.method,
    p.model,
    p.blanks_subtracted,
    p.unit_id,
    coalesce(samples.name, runs.name, p.unit_id) AS name,
    samples.sample_type,
    samples.sample_group,
    p.x,
    p.y,
    p.explained_x,
    p.explained_y
FROM sample_projection AS p
LEFT JOIN runs ON p.level = 'run' AND runs.run_id = p.unit_id
LEFT JOIN samples ON samples.sample_id = CASE WHEN p.level = 'run' THEN runs.sample_id ELSE p.unit_id END;
COMMENT ON VIEW projection_points IS 'Runs and samples in the plane, with name, type and group';
COMMENT ON COLUMN projection_points.study IS 'Name of the study';
COMMENT ON COLUMN projection_points.level IS 'run or sample: what a point is';
COMMENT ON COLUMN projection_points.projection IS 'How vectors became points, such as pca or umap';
COMMENT ON COLUMN projection_points.method IS 'How spectra became one vector, as in sample_embeddings';
COMMENT ON COLUMN projection_points.model IS 'The model whose vectors were aggregated; NULL for profiles';
COMMENT ON COLUMN projection_points.blanks_subtracted IS 'Whether spectra that blanks show as well were left out';
COMMENT ON COLUMN projection_points.unit_id IS 'run_id or sample_id';
COMMENT ON COLUMN projection_points.name IS 'Name of the sample; of a run without one its own';
COMMENT ON COLUMN projection_points.sample_type IS 'Kind of sample: sample, blank, QC, as the sample table spells it';
COMMENT ON COLUMN projection_points.sample_group IS 'Group of the study design';
COMMENT ON COLUMN projection_points.x IS 'First coordinate';
COMMENT ON COLUMN projection_points.y IS 'Second coordinate';
COMMENT ON COLUMN projection_points.explained_x IS 'Share of the variance along x; NULL where there is no such share';
COMMENT ON COLUMN projection_points.explained_y IS 'Share of the variance along y; NULL where there is no such share';
