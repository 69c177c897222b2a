-- How far each candidate that a search recorded lies behind the first, and the class of its query, within which sets
-- of candidates keep their promise: ion mode, resolution of the instrument and number of candidates.
--
-- Inputs: hits, spectra, candidate_classes, instrument_resolution, known_search.
-- Parameters: search: a search_id.
-- Columns: query_id, contributor (of the query), ion_mode, instrument ('high resolution', 'low resolution', NULL where
--   the type is unknown), candidates (label of candidate_classes), n_candidate_analytes, analyte_id, rank, score,
--   library_spectrum_id, gap (score of the first candidate minus this one's: 0 for the first).
CREATE OR REPLACE MACRO candidate_gaps(search) AS TABLE
WITH of_search AS (
    SELECT
        query_id,
        analyte_id,
        rank,
        score,
        library_spectrum_id,
        n_candidate_analytes,
        max(score) OVER (PARTITION BY query_id) - score AS gap
    FROM hits
    WHERE search_id = known_search(search)
)
SELECT
    hit.query_id,
    query.contributor,
    query.ion_mode,
    instrument_resolution(query.instrument_type) AS instrument,
    classes.candidates,
    hit.n_candidate_analytes,
    hit.analyte_id,
    hit.rank,
    hit.score,
    hit.library_spectrum_id,
    hit.gap
FROM of_search AS hit
INNER JOIN spectra AS query ON query.spectrum_id = hit.query_id
INNER JOIN candidate_classes() AS classes
    ON hit.n_candidate_analytes >= classes.from_candidates
    AND hit.n_candidate_analytes <= coalesce(classes.to_candidates, hit.n_candidate_analytes);
COMMENT ON MACRO TABLE candidate_gaps IS
    'Internal: candidates of a search by how far they lie behind the first, with the class of their query';
