"""Statements for the macros that search: similarity and identification."""

CALLS = {
    "identify": """
SELECT native_id, rank, analytes.name, round(hit.score, 3) AS score, matched_peaks, n_candidate_analytes
FROM identify('simulated_study', 'simulated_library', ppm := 5, k := 2) AS hit
JOIN spectra ON spectrum_id = query_id
JOIN analytes ON analytes.analyte_id = hit.analyte_id
WHERE run_id = 'simulated_study/control_01'
ORDER BY native_id::INTEGER, rank
LIMIT 4""",
    "identify_merged": """
-- Spectra of one analyte complete each other: scores rise, and analytes may change places.
SELECT native_id, hit.rank, analytes.name, round(alone.score, 3) AS best_spectrum, round(hit.score, 3) AS merged
FROM identify_merged('simulated_study', 'simulated_library', ppm := 5, k := 2) AS hit
JOIN identify('simulated_study', 'simulated_library', ppm := 5, k := 99) AS alone USING (query_id, analyte_id)
JOIN spectra ON spectrum_id = query_id
JOIN analytes USING (analyte_id)
WHERE run_id = 'simulated_study/control_01'
ORDER BY native_id::INTEGER, hit.rank
LIMIT 4""",
    "named_records": """
-- What lies next to one spectrum of the study, whatever its precursor.
WITH asked AS (SELECT * FROM vectors.simulated_study__default ORDER BY id LIMIT 1),
ranked AS (SELECT query_id, rank, library_id FROM nearest('asked', 'vectors.simulated_library__default', k := 2))
SELECT rank, analyte_id, name, adduct, library_native_id, precursor_source FROM named_records('ranked')""",
    "candidate_pairs": """
WITH library AS (SELECT * FROM collection_spectra('simulated_library'))
SELECT query_contributor, library_contributor, count(*) AS n_pairs
FROM candidate_pairs('library', 'library', left_out := 'contributor')
GROUP BY ALL
ORDER BY ALL
LIMIT 3""",
    "collection_spectra": """
SELECT contributor, count(*) AS n_spectra, count(DISTINCT analyte_id) AS n_analytes
FROM collection_spectra('simulated_library', contributors := ['simulated_lab_1', 'simulated_lab_3'])
GROUP BY contributor
ORDER BY contributor""",
    "collection_queries": """
SELECT contributor, count(*) AS n_spectra, count(precursor_mz_stated) AS n_stated
FROM collection_queries('simulated_library', contributors := ['simulated_lab_1', 'simulated_lab_3'])
GROUP BY contributor
ORDER BY contributor""",
    "query_spectra": """
-- A library searched against itself, each query at the precursor that its source states.
WITH queries AS (SELECT * FROM query_spectra('vectors.simulated_library__default'))
SELECT query_contributor, library_contributor, count(*) AS n_pairs
FROM candidate_pairs('queries', 'vectors.simulated_library__default', left_out := 'contributor')
GROUP BY ALL
ORDER BY ALL
LIMIT 3""",
    "rank_hits": """
-- What `identify` does with the similarity of vectors, done with any score: here the agreement of the precursors.
WITH pairs AS (
    SELECT query_id, library_id, library_analyte_id AS analyte_id, 1 / (1 + abs(ppm_error)) AS score, ppm_error
    FROM precursor_pairs('vectors.simulated_study__default', 'vectors.simulated_library__default')
)
SELECT native_id, rank, hit.analyte_id, round(hit.score, 3) AS score, matched_peaks, n_candidate_analytes
FROM rank_hits('pairs', k := 2) AS hit
JOIN spectra ON spectrum_id = query_id
WHERE run_id = 'simulated_study/control_01'
ORDER BY native_id::INTEGER, rank
LIMIT 3""",
    "embedded_queries": """
SELECT count(*) AS n_spectra, min(precursor_mz) AS lowest_mz, max(precursor_mz) AS highest_mz
FROM embedded_queries('simulated_library', contributors := ['simulated_lab_1'])""",
    "embedding_pairs": """
SELECT count(*) AS n_pairs, count(DISTINCT query_id) AS n_queries, round(max(score), 3) AS highest
FROM embedding_pairs('vectors.simulated_study__default', 'vectors.simulated_library__default')""",
    "best_neighbours": """
WITH queries AS (FROM embedded_queries('simulated_study')),
pairs AS (
    SELECT query_id, library_analyte_id AS analyte_id, array_inner_product(query_embedding, library_embedding) AS score
    FROM neighbour_pairs('queries', 'vectors.simulated_library__default')
)
SELECT count(*) AS n_queries, count(neighbour_score) AS n_with_neighbours, round(max(neighbour_score), 3) AS highest
FROM best_neighbours('queries', 'pairs')""",
    "neighbour_shifts": """
SELECT neighbour_shifts() AS shifts""",
    "neighbour_pairs": """
WITH queries AS (FROM query_spectra('vectors.simulated_study__default'))
SELECT query_shift, count(DISTINCT query_id) AS n_queries,
  round(max(array_inner_product(query_embedding, library_embedding)), 3) AS highest
FROM neighbour_pairs('queries', 'vectors.simulated_library__default')
GROUP BY query_shift
ORDER BY query_shift""",
    "explained_intensity": """
WITH found AS (SELECT * FROM hits WHERE search_id = 'demo' AND rank = 1)
SELECT count(*) AS n, round(median(query_explained), 2) AS of_queries, round(median(library_explained), 2) AS of_library
FROM explained_intensity('found')""",
    "library_support": """
WITH found AS (SELECT * FROM hits WHERE search_id = 'demo' AND rank = 1)
SELECT library_contributors, count(*) AS n, round(avg(library_spectra), 1) AS mean_spectra
FROM library_support('found', 'simulated_library')
GROUP BY library_contributors
ORDER BY library_contributors""",
    "log_odds_above_chance": """
-- Of 1,000 spectra 600 have a candidate, where 300 would by chance: 43% are of analytes in the library, 71% of those answered.
SELECT round(log_odds_above_chance(1000, 600, 0.3), 2) AS log_odds""",
    "chance_of_candidate": """
-- Without an analyte beside its precursor, with one, and with ten.
SELECT [round(chance_of_candidate([-2.7, 1.5], n), 2) FOR n IN [0, 1, 10]] AS chances""",
    "log_odds_of_worse_laboratory": """
-- A hit that is right with .95 in the mean of laboratories, in one that nine of ten exceed.
SELECT round(1 / (1 + exp(-log_odds_of_worse_laboratory(ln(0.95 / 0.05), 0.6))), 2) AS lower_probability""",
    "hit_terms": """
SELECT [round(term, 2) FOR term IN hit_terms(0.8, 0.1, 2, 9, 0.4, 0.9, 0.7, 3, '[M+H]+', '[M+H]+', 0.9)] AS terms""",
    "hit_probability": """
-- Probabilities are what the columns of hits make of them.
WITH found AS (SELECT * FROM hits WHERE search_id = 'calibrated')
SELECT count(*) AS n, round(min(probability), 2) AS lowest, round(median(probability), 2) AS median
FROM hit_probability('found', 'simulated_library-binned')""",
    "similarity_pairs": """
SELECT count(*) AS n_pairs, round(max(abs(ppm_error)), 1) AS largest_ppm_error
FROM similarity_pairs('vectors.simulated_study__default', 'vectors.simulated_library__default', ppm := 5)""",
    "similarity_join": """
SELECT native_id, rank, round(score, 3) AS score, round(ppm_error, 2) AS ppm_error, n_candidates
FROM similarity_join('vectors.simulated_study__default', 'vectors.simulated_library__default', ppm := 5, k := 2)
JOIN spectra ON spectrum_id = query_id
WHERE run_id = 'simulated_study/control_01'
ORDER BY native_id::INTEGER, rank
LIMIT 4""",
    "rank_analytes": """
SELECT count(DISTINCT query_id) AS n_answered, count(*) AS n_rows, max(n_candidate_analytes) AS most_candidates
FROM rank_analytes('vectors.simulated_study__default', 'vectors.simulated_library__default', ppm := 20, k := 3)""",
    "rank_pairs": """
WITH pairs(query_id, library_id, analyte_id, score, ppm_error) AS (
    VALUES (1, 10, 'A', 0.9, 1.0), (1, 11, 'A', 0.7, 1.0), (1, 12, 'B', 0.8, -2.0)
)
SELECT query_id, rank, analyte_id, library_id, score, n_candidate_analytes, score_gap
FROM rank_pairs('pairs')
ORDER BY rank""",
    "merged_pairs": """
-- Two spectra of A, at low and at high collision energy, and one of B; the query lies between those of A.
WITH library(id, embedding) AS (
    VALUES (10, [1, 0, 0]::FLOAT[3]), (11, [0, 1, 0]::FLOAT[3]), (12, [0.6, 0.48, 0.64]::FLOAT[3])
),
pairs AS (
    SELECT 1 AS query_id, id AS library_id, if(id = 12, 'B', 'A') AS analyte_id, 0.0 AS ppm_error,
        array_inner_product([0.8, 0.6, 0]::FLOAT[3], embedding) AS score
    FROM library
)
SELECT query_id, analyte_id, library_id, round(score, 3) AS score FROM merged_pairs('pairs', 'library') ORDER BY score DESC""",
    "precursor_pairs": """
WITH mine(id, precursor_mz, ion_mode) AS (VALUES (1, 177.1022, 'positive'), (2, 177.1022, 'negative'))
SELECT query_id, library_analyte_id, round(ppm_error, 2) AS ppm_error, count(*) AS n_spectra
FROM precursor_pairs('mine', 'vectors.simulated_library__default', ppm := 10)
GROUP BY ALL
ORDER BY ALL""",
    "nearest": """
WITH query AS (SELECT * FROM vectors.simulated_study__default ORDER BY id LIMIT 1)
SELECT rank, analytes.name, round(score, 3) AS score, round(mz_difference, 4) AS mz_difference
FROM nearest('query', 'vectors.simulated_library__default', k := 3)
JOIN spectra ON spectrum_id = library_id
JOIN analytes USING (analyte_id)
ORDER BY rank""",
}
