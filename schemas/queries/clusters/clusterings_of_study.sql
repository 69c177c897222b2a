-- The clusterings of a study, and how many of its spectra each has.
-- Inputs: clusterings, cluster_members, spectra. Parameters: $study.
-- Columns: clustering, import_id, n_members (spectra in its clusters), n_missing (spectra of the study in none).
WITH of_study AS (
    SELECT count(*) AS n_spectra FROM spectra WHERE collection = $study
)
SELECT
    clustering,
    import_id,
    count(cluster_members.spectrum_id) AS n_members,
    any_value(of_study.n_spectra) - n_members AS n_missing
FROM clusterings
CROSS JOIN of_study
LEFT JOIN cluster_members USING (import_id)
WHERE study = $study
GROUP BY clustering, import_id
ORDER BY clustering;
