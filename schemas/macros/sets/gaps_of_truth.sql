-- How far the truth lies behind the first candidate, of every query of a search whose truth is among its candidates:
-- what the limits of sets are made of.
--
-- Inputs: search_truth, candidate_gaps.
-- Parameters: search: a search_id, such as that of a calibration; truth: a relation as for search_truth.
-- Columns: query_id, contributor, analyte_id (the truth), ion_mode, instrument, candidates (as candidate_gaps has
--   them), gap (infinite where the truth was in reach and not among the ranks that were recorded).
CREATE OR REPLACE MACRO gaps_of_truth(search, truth := 'known_analytes') AS TABLE
WITH known AS MATERIALIZED (
    SELECT query_id, analyte_id FROM search_truth(search, truth := truth) WHERE answerable
),
found AS MATERIALIZED (
    FROM candidate_gaps(search)
)
SELECT
    known.query_id,
    first.contributor,
    known.analyte_id,
    first.ion_mode,
    first.instrument,
    first.candidates,
    coalesce(right_one.gap, 'infinity'::FLOAT) AS gap
FROM known
INNER JOIN found AS first ON first.query_id = known.query_id AND first.rank = 1
LEFT JOIN found AS right_one ON right_one.query_id = known.query_id AND right_one.analyte_id = known.analyte_id;
COMMENT ON MACRO TABLE gaps_of_truth IS
    'Internal: how far the truth lies behind the first candidate, of the known queries of a search';
