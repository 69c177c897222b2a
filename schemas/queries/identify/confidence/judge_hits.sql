-- The hits just made, with what a calibration makes of each first one.
-- Inputs: found (the hits just made), neighbours (query_id, neighbour_score), calibrations, spectra. Parameters:
--   $calibration (a calibration_id), $library, $left_out, $fragment_tolerance_da, $n_queries, $n_answered, $chance (see
--   log_odds_above_chance): of the search.
-- Columns: those of hits. Ranks below the first have neither probability nor q_value, nor what these are made of.
WITH first_hits AS (
    FROM found WHERE rank = 1
),
described AS (
    SELECT
        first_hits.*,
        neighbour_score,
        query_explained::FLOAT AS query_explained,
        library_explained::FLOAT AS library_explained,
        library_spectra, library_contributors
    FROM first_hits
    INNER JOIN neighbours USING (query_id)
    INNER JOIN explained_intensity('first_hits', fragment_tolerance_da := $fragment_tolerance_da::DOUBLE)
        USING (query_id, library_spectrum_id)
    INNER JOIN library_support('first_hits', $library::VARCHAR, left_out := $left_out::VARCHAR)
        USING (query_id, analyte_id)
),
probable AS (
    FROM hit_probability(
        'described',
        $calibration::VARCHAR,
        above_chance := log_odds_above_chance($n_queries::BIGINT, $n_answered::BIGINT, $chance::DOUBLE)
    )
),
-- What is asked for is to hold in laboratories that are worse than most, too.
worse AS (
    SELECT query_id, lower_probability AS probability FROM probable
),
judged AS (
    SELECT
        query_id,
        rank,
        probability,
        q_value,
        neighbour_score,
        query_explained,
        library_explained,
        library_spectra,
        library_contributors
    FROM described
    INNER JOIN probable USING (query_id)
    LEFT JOIN (SELECT query_id, q_value FROM probability_q_values('worse')) USING (query_id)
)
-- The rank is part of what is joined: as a condition beside the join, it makes DuckDB compare every row with every
-- other.
SELECT
    found.*,
    probability,
    q_value,
    neighbour_score,
    query_explained,
    library_explained,
    library_spectra,
    library_contributors,
    NULL::BIGINT AS cluster_id
FROM found
LEFT JOIN judged USING (query_id, rank)
ORDER BY found.query_id, found.rank;
