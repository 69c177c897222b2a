-- Sample projection: sample vectors drawn in the plane.
-- Inputs: none. Parameters: none. Columns: as commented below.
CREATE TABLE sample_projection (
    study VARCHAR NOT NULL,
    method VARCHAR NOT NULL,
    model VARCHAR,
    level VARCHAR NOT NULL,
    blanks_subtracted BOOLEAN NOT NULL,
    projection VARCHAR NOT NULL,
    seed INTEGER NOT NULL,
    unit_id VARCHAR NOT NULL,
    x DOUBLE NOT NULL,
    y DOUBLE NOT NULL,
    explained_x DOUBLE,
    explained_y DOUBLE,
    created TIMESTAMP NOT NULL
);
COMMENT ON TABLE sample_projection IS
    'Coordinates of runs or samples in the plane; only the latest projection of each kind';
COMMENT ON COLUMN sample_projection.study IS 'Name of the study';
COMMENT ON COLUMN sample_projection.method IS 'How spectra became one vector, as in sample_embeddings';
COMMENT ON COLUMN sample_projection.model IS 'The model whose vectors were aggregated; NULL for profiles';
COMMENT ON COLUMN sample_projection.level IS 'run or sample';
COMMENT ON COLUMN sample_projection.blanks_subtracted IS 'Whether spectra that blanks show as well were left out';
COMMENT ON COLUMN sample_projection.projection IS 'pca or umap';
COMMENT ON COLUMN sample_projection.seed IS 'Seed of the projection';
COMMENT ON COLUMN sample_projection.unit_id IS 'run_id or sample_id, as level says';
COMMENT ON COLUMN sample_projection.x IS 'First coordinate';
COMMENT ON COLUMN sample_projection.y IS 'Second coordinate';
COMMENT ON COLUMN sample_projection.explained_x IS 'Share of the variance along x (pca); NULL for umap';
COMMENT ON COLUMN sample_projection.explained_y IS 'Share of the variance along y (pca); NULL for umap';
COMMENT ON COLUMN sample_projection.created IS 'Time of the projection, UTC';
