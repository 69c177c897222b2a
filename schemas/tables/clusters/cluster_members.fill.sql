-- Fill cluster_members with those of the published clusterings. Spectra that an import has taken back are left out.
-- Inputs: record_cluster_members, imports, spectra. Parameters: none. Columns: of cluster_members.
INSERT INTO cluster_members BY NAME
SELECT record_cluster_members.*
FROM record_cluster_members
SEMI JOIN imports USING (import_id)
SEMI JOIN spectra USING (spectrum_id)
ORDER BY cluster_id, spectrum_id;
