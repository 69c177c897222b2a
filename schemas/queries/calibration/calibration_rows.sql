-- The first hits of a search of known queries, as calibrations are fitted on them: those that were found, and those
-- that would have been found if the library had no spectrum of the query's analyte.
--
-- Inputs: hits, searches, spectra, neighbours (query_id, neighbour_score, neighbour_analytes), search_truth,
--   explained_intensity, library_support, hit_terms. Parameters: $search (of the library against itself), $library,
--   $left_out and $fragment_tolerance_da of it.
-- Columns: query_id, contributor, analyte_id (the truth), without_truth (the truth was taken from the candidates),
--   correct, answerable (with the truth among them), rank_of_truth, score_gap, neighbour_analytes, terms (see
--   hit_terms; above_chance is 0). Queries that have no other candidate have no row without the truth.
WITH truth AS MATERIALIZED (
    FROM search_truth($search)
),
of_search AS MATERIALIZED (
    SELECT query_id, rank, analyte_id, library_spectrum_id, score, score_gap, n_candidate_analytes, matched_peaks
    FROM hits
    WHERE search_id = $search AND rank <= 2
),
rows_found AS MATERIALIZED (
    SELECT hit.*, false AS without_truth FROM of_search AS hit SEMI JOIN truth USING (query_id) WHERE hit.rank = 1
    UNION ALL BY NAME
    -- Where the truth came first, the second comes first; where it came second, the third is the next.
    SELECT
        hit.* REPLACE (
            CASE WHEN truth.rank_of_truth = 2 THEN hit.score_gap + beaten.score_gap ELSE hit.score_gap END AS score_gap,
            hit.n_candidate_analytes - 1 AS n_candidate_analytes
        ),
        true AS without_truth
    FROM truth
    INNER JOIN of_search AS hit
        ON hit.query_id = truth.query_id
        AND hit.rank = CASE WHEN truth.rank_of_truth = 1 THEN 2 ELSE 1 END
    LEFT JOIN (SELECT query_id, score_gap FROM of_search WHERE rank = 2) AS beaten ON beaten.query_id = truth.query_id
    WHERE truth.answerable
)
SELECT
    found.query_id,
    spectra.contributor,
    truth.analyte_id,
    found.without_truth,
    truth.correct AND NOT found.without_truth AS correct,
    truth.answerable AND NOT found.without_truth AS answerable,
    truth.rank_of_truth,
    found.score_gap::DOUBLE AS score_gap,
    neighbours.neighbour_analytes,
    hit_terms(
        found.score,
        found.score_gap,
        found.n_candidate_analytes,
        found.matched_peaks,
        neighbours.neighbour_score,
        explained.query_explained::FLOAT,
        explained.library_explained::FLOAT,
        support.library_contributors,
        spectra.adduct,
        matched.adduct,
        0
    ) AS terms
FROM rows_found AS found
INNER JOIN truth ON truth.query_id = found.query_id
INNER JOIN spectra ON spectra.spectrum_id = found.query_id
INNER JOIN spectra AS matched ON matched.spectrum_id = found.library_spectrum_id
INNER JOIN neighbours ON neighbours.query_id = found.query_id
INNER JOIN explained_intensity(
    'rows_found', fragment_tolerance_da := $fragment_tolerance_da::DOUBLE
) AS explained ON explained.query_id = found.query_id AND explained.library_spectrum_id = found.library_spectrum_id
INNER JOIN library_support('rows_found', $library::VARCHAR, left_out := $left_out::VARCHAR) AS support
    ON support.query_id = found.query_id AND support.analyte_id = found.analyte_id
ORDER BY found.query_id, found.without_truth;
