-- Group markers: how the share of each cluster of spectra differs between a group of samples and all others.
-- Inputs: none. Parameters: none. Columns: as commented below; those whose comment begins with "Computed" are not in
--   the record.
CREATE TABLE group_markers (
    study VARCHAR NOT NULL,
    target VARCHAR NOT NULL,
    group_value VARCHAR NOT NULL,
    level VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    codebook VARCHAR NOT NULL,
    codeword INTEGER NOT NULL,
    n_group INTEGER NOT NULL,
    n_others INTEGER NOT NULL,
    share_group DOUBLE NOT NULL,
    share_others DOUBLE NOT NULL,
    log2_fold DOUBLE NOT NULL,
    cliffs_delta DOUBLE NOT NULL,
    p_value DOUBLE NOT NULL,
    weight DOUBLE NOT NULL,
    n_spectra BIGINT NOT NULL,
    spectrum_id BIGINT NOT NULL,
    created TIMESTAMP NOT NULL,
    q_value DOUBLE
);
COMMENT ON TABLE group_markers IS
    'One cluster of spectra in one comparison of a group of runs or samples with all others';
COMMENT ON COLUMN group_markers.study IS 'Name of the study';
COMMENT ON COLUMN group_markers.target IS
    'Column of the sample table that makes the groups, or a condition on it such as tomato>0';
COMMENT ON COLUMN group_markers.group_value IS 'The group that is compared with all others';
COMMENT ON COLUMN group_markers.level IS 'run or sample';
COMMENT ON COLUMN group_markers.model IS 'The model whose vectors were clustered';
COMMENT ON COLUMN group_markers.codebook IS 'The codebook';
COMMENT ON COLUMN group_markers.codeword IS 'The cluster of spectra';
COMMENT ON COLUMN group_markers.n_group IS 'Runs or samples in the group';
COMMENT ON COLUMN group_markers.n_others IS 'Runs or samples outside it';
COMMENT ON COLUMN group_markers.share_group IS 'Mean over the group of the share of spectra that fall into the cluster';
COMMENT ON COLUMN group_markers.share_others IS 'The same over the others';
COMMENT ON COLUMN group_markers.log2_fold IS
    'log2 of share_group to share_others, each raised by half a spectrum in a run or sample of average size';
COMMENT ON COLUMN group_markers.cliffs_delta IS
    'Cliff''s delta, -1 to 1: how much more often the share is higher in the group than lower';
COMMENT ON COLUMN group_markers.p_value IS
    'Two-sided Mann-Whitney U test of the shares: exact where the group can be chosen in at most 20,000 ways, else by '
    'the normal approximation';
COMMENT ON COLUMN group_markers.weight IS
    'Weight of the cluster in a logistic regression of the group on all clusters, per standard deviation of its '
    'square-rooted share';
COMMENT ON COLUMN group_markers.n_spectra IS 'Spectra of the cluster in the runs or samples compared';
COMMENT ON COLUMN group_markers.spectrum_id IS
    'The spectrum nearest to the centre of the cluster, in the group if the group has any';
COMMENT ON COLUMN group_markers.created IS 'Time of the comparison, UTC';
COMMENT ON COLUMN group_markers.q_value IS
    'Computed when published: Benjamini-Hochberg false discovery rate over the clusters of the comparison';
