-- The hits just made of spectra that stand for clusters, given to every member.
-- Inputs: found (the hits just made, with the columns of hits), cluster_members. Parameters: none.
-- Columns: those of hits; query_id is the member, cluster_id what was searched.
SELECT found.* REPLACE (cluster_members.spectrum_id AS query_id, found.query_id AS cluster_id)
FROM found
INNER JOIN cluster_members ON cluster_members.cluster_id = found.query_id
ORDER BY cluster_members.spectrum_id, found.rank;
