-- The first hits of a search of known queries, as calibrations are fitted on them.
-- Inputs: hits, spectra, search_truth, hit_terms. Parameters: $search.
-- Columns: contributor, analyte_id (the truth), correct, answerable, rank_of_truth, score_gap, terms (see hit_terms).
SELECT
    spectra.contributor,
    truth.analyte_id,
    truth.correct,
    truth.answerable,
    truth.rank_of_truth,
    hits.score_gap::DOUBLE AS score_gap,
    hit_terms(hits.score, hits.score_gap, hits.n_candidate_analytes, hits.matched_peaks, spectra.n_peaks, hits.ppm_error) AS terms
FROM search_truth($search) AS truth
INNER JOIN hits ON hits.search_id = $search AND hits.query_id = truth.query_id AND hits.rank = 1
INNER JOIN spectra ON spectra.spectrum_id = truth.query_id
ORDER BY truth.query_id;
