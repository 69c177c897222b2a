-- The hits just made, where there is no calibration that tells how far to trust them: no probability, and no q-value.
-- Inputs: found (the hits just made). Parameters: none. Columns: those of hits.
SELECT
    found.*,
    NULL::DOUBLE AS probability,
    NULL::DOUBLE AS q_value,
    NULL::FLOAT AS neighbour_score,
    NULL::FLOAT AS query_explained,
    NULL::FLOAT AS library_explained,
    NULL::INTEGER AS library_spectra,
    NULL::INTEGER AS library_contributors,
    NULL::BIGINT AS cluster_id
FROM found
ORDER BY query_id, rank;
