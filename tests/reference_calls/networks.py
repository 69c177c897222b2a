"""Statements for the macros of molecular networks."""

CALLS = {
    "network": """
SELECT a.native_id AS a, b.native_id AS b, round(score, 3) AS score, matched_peaks, modification
FROM network('simulated_library', min_score := 0.3, min_matched_peaks := 3) AS edge
JOIN spectra AS a ON a.spectrum_id = spectrum_id_a
JOIN spectra AS b ON b.spectrum_id = spectrum_id_b
WHERE modification IS NOT NULL
ORDER BY edge.score DESC, a.native_id, b.native_id
LIMIT 3""",
    "network_families": """
WITH edges AS MATERIALIZED (FROM network('simulated_library', min_score := 0.3, min_matched_peaks := 3))
SELECT family_size, count(DISTINCT family_id) AS n_families
FROM network_families('edges', max_size := 40)
GROUP BY family_size
ORDER BY family_size DESC
LIMIT 3""",
    "family_summary": """
WITH edges AS MATERIALIZED (FROM network('simulated_library', min_score := 0.3, min_matched_peaks := 3)),
families AS MATERIALIZED (FROM network_families('edges', max_size := 40)),
known AS MATERIALIZED (FROM known_spectra('simulated_library'))
SELECT n_spectra, n_known, n_analytes, names[1:2] AS names
FROM family_summary('families', 'known')
LIMIT 3""",
    "known_spectra": """
SELECT basis, count(*) AS n_spectra, count(DISTINCT analyte_id) AS n_analytes
FROM known_spectra('simulated_study', only_confident := false)
GROUP BY basis""",
    "neighbour_candidates": """
-- What confident answers say of their neighbours that have none: candidates for a relative, no identifications.
WITH edges AS MATERIALIZED (FROM network('simulated_study', min_score := 0.5, min_matched_peaks := 3)),
known AS MATERIALIZED (FROM known_spectra('simulated_study'))
SELECT place, count(*) AS n_spectra
FROM neighbour_candidates('edges', 'known')
GROUP BY place
ORDER BY place
LIMIT 2""",
    "network_pairs": """
SELECT count(*) AS n_pairs
FROM network_pairs('vectors.simulated_library__default', min_score := 0.9)""",
    "shifted_matches": """
WITH pairs AS MATERIALIZED (FROM network_pairs('vectors.simulated_library__default', min_score := 0.9))
SELECT matched_peaks, count(*) AS n_pairs
FROM shifted_matches('pairs')
GROUP BY matched_peaks
ORDER BY matched_peaks DESC
LIMIT 3""",
    "best_links": """
-- Links by another score than that of vectors: the best two of either spectrum.
WITH scored AS MATERIALIZED (
    SELECT
        a.spectrum_id AS spectrum_id_a,
        b.spectrum_id AS spectrum_id_b,
        entropy_similarity(a.mz, a.intensity, b.mz, b.intensity, 0.01) AS score,
        6 AS matched_peaks
    FROM spectra AS a
    JOIN spectra AS b ON a.ion_mode = b.ion_mode AND a.spectrum_id < b.spectrum_id
    WHERE a.run_id = 'simulated_study/control_01' AND b.run_id = 'simulated_study/control_01'
)
SELECT count(*) AS n_links
FROM best_links('scored', top_k := 2)
WHERE score > 0.5""",
    "named_links": """
WITH links AS (
    SELECT a.spectrum_id AS spectrum_id_a, b.spectrum_id AS spectrum_id_b, 1.0 AS score, 6 AS matched_peaks
    FROM spectra AS a
    JOIN spectra AS b ON b.ion_mode = a.ion_mode AND b.precursor_mz BETWEEN a.precursor_mz AND a.precursor_mz + 50
    WHERE a.collection = 'simulated_library' AND b.collection = 'simulated_library'
)
SELECT modification, count(*) AS n_pairs
FROM named_links('links')
WHERE modification IS NOT NULL
GROUP BY modification
ORDER BY n_pairs DESC, modification
LIMIT 3""",
    "common_value": """
SELECT name[1] AS initial, count(*) AS n_analytes, common_value(formula) AS formula
FROM analytes
GROUP BY initial
ORDER BY n_analytes, initial
LIMIT 3""",
}
