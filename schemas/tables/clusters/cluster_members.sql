-- Members of clusters: which spectra of a study repeat each other.
-- Inputs: none. Parameters: none. Columns: as commented below.
CREATE TABLE cluster_members (
    cluster_id BIGINT NOT NULL,
    spectrum_id BIGINT NOT NULL,
    is_best BOOLEAN NOT NULL,
    score FLOAT NOT NULL,
    import_id VARCHAR NOT NULL
);
COMMENT ON TABLE cluster_members IS
    'One spectrum of a study in its cluster; one that repeats no other is a cluster alone';
COMMENT ON COLUMN cluster_members.cluster_id IS 'spectrum_id of the spectrum that stands for the cluster';
COMMENT ON COLUMN cluster_members.spectrum_id IS 'The member';
COMMENT ON COLUMN cluster_members.is_best IS
    'Whether it is the member of the highest total ion current; of equal ones that of the smallest id';
COMMENT ON COLUMN cluster_members.score IS 'Its score with that one; 1 of itself';
COMMENT ON COLUMN cluster_members.import_id IS 'As clusterings.import_id';
