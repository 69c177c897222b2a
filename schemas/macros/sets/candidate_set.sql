-- Of each query the candidates among which the right one is in a promised share of queries, where the library has it:
-- sets by split conformal prediction, from the known queries of the calibration.
--
-- Inputs: searches, calibrations, candidate_gaps, gaps_of_truth, gap_limits, sets_within, known_search.
-- Parameters: search: a search_id, of a search that was calibrated (else an error); coverage: the promise, between 0
--   and 1.
-- Columns: query_id, analyte_id, rank, score, library_spectrum_id; set_size (candidates in the query's set), is_single
--   (the set has one), is_complete (false: the search recorded fewer candidates than the set may have; search with a
--   greater k), gap (behind the first), gap_limit, n_known (known queries that the limit was found on), detail (2: they
--   are of the query's ion mode, instrument and number of candidates; 1: of its number of candidates; 0: all).
--
-- The promise is to queries whose analyte the library has; a set says nothing of others, a probability does. The first
-- candidate is in every set: where it is right more often than promised, sets are single and keep more. Laboratories
-- differ, so that one laboratory's share may be lower than that of all.
CREATE OR REPLACE MACRO candidate_set(search, coverage := 0.9) AS TABLE
WITH candidate_set_calibration AS MATERIALIZED (
    SELECT
        CASE
            WHEN searches.calibration_id IS NULL THEN
                error(concat(
                    'search ''', search, ''' is not calibrated: sets need the known queries of a calibration. ',
                    'Calibrate its library and identify again'
                ))
            ELSE calibrations.search_id
        END AS of_known
    FROM searches
    LEFT JOIN calibrations ON calibrations.calibration_id = searches.calibration_id
    WHERE searches.search_id = known_search(search)
),
candidate_set_known AS MATERIALIZED (
    FROM gaps_of_truth((SELECT any_value(of_known) FROM candidate_set_calibration))
),
candidate_set_limits AS MATERIALIZED (
    FROM gap_limits('candidate_set_known', coverage := coverage)
),
candidate_set_found AS MATERIALIZED (
    FROM candidate_gaps(search)
)
SELECT
    query_id,
    analyte_id,
    rank,
    score,
    library_spectrum_id,
    set_size,
    set_size = 1 AS is_single,
    is_complete,
    gap,
    gap_limit,
    n_known,
    detail
FROM sets_within('candidate_set_found', 'candidate_set_limits')
ORDER BY query_id, rank;
COMMENT ON MACRO TABLE candidate_set IS
    'Candidates of each query among which the right one is in a promised share of queries, where the library has it';
