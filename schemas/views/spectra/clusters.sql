-- The clusters of repeated spectra: what stands for each, and what its members have in common and apart.
-- Inputs: clusterings, cluster_members, spectra. Parameters: none. Columns: as selected; one row per cluster, those of
--   one spectrum included.
CREATE OR REPLACE VIEW clusters AS
SELECT
    clusterings.clustering,
    clusterings.study,
    cluster_members.cluster_id,
    count(*) AS n_members,
    max(members.spectrum_id) FILTER (WHERE cluster_members.is_best) AS best_id,
    max(members.native_id) FILTER (WHERE cluster_members.is_best) AS best_native_id,
    count(DISTINCT members.run_id) AS n_runs,
    members.ion_mode,
    median(coalesce(members.precursor_mz_stated, members.precursor_mz)) AS precursor_mz,
    (max(coalesce(members.precursor_mz_stated, members.precursor_mz))
    / min(coalesce(members.precursor_mz_stated, members.precursor_mz)) - 1) * 1e6 AS precursor_spread_ppm,
    median(members.retention_time_s) AS retention_time_s,
    max(members.retention_time_s) - min(members.retention_time_s) AS retention_time_spread_s,
    string_agg(DISTINCT members.collision_energy, ', ' ORDER BY members.collision_energy) AS collision_energies,
    min(cluster_members.score) AS least_score
FROM clusterings
INNER JOIN cluster_members USING (import_id)
INNER JOIN spectra AS members USING (spectrum_id)
GROUP BY clusterings.clustering, clusterings.study, cluster_members.cluster_id, members.ion_mode;
COMMENT ON VIEW clusters IS 'Clusters of repeated spectra: the spectrum that stands for each, and its members in sum';
COMMENT ON COLUMN clusters.clustering IS 'The collection of the spectra that stand for the clusters';
COMMENT ON COLUMN clusters.study IS 'The study or library whose spectra were clustered';
COMMENT ON COLUMN clusters.cluster_id IS 'spectrum_id of the spectrum that stands for it';
COMMENT ON COLUMN clusters.n_members IS 'Spectra in it';
COMMENT ON COLUMN clusters.best_id IS 'spectrum_id of the member of the highest total ion current';
COMMENT ON COLUMN clusters.best_native_id IS 'Its identifier in its file';
COMMENT ON COLUMN clusters.n_runs IS 'Runs that the members come from';
COMMENT ON COLUMN clusters.ion_mode IS 'positive or negative';
COMMENT ON COLUMN clusters.precursor_mz IS 'Median of the members'' precursors, m/z';
COMMENT ON COLUMN clusters.precursor_spread_ppm IS 'Largest minus smallest of them, in ppm of the smallest';
COMMENT ON COLUMN clusters.retention_time_s IS 'Median of the members'' retention times in seconds; NULL: none known';
COMMENT ON COLUMN clusters.retention_time_spread_s IS 'Largest minus smallest of them';
COMMENT ON COLUMN clusters.collision_energies IS 'Collision energies of the members as stated; NULL: none stated';
COMMENT ON COLUMN clusters.least_score IS 'Smallest score of a member with the best one';
