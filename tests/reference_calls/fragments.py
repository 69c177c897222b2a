"""Statements for the macros that ask for fragments, losses and differences of m/z."""

CALLS = {
    "fragment_search": """
SELECT native_id, round(precursor_mz, 4) AS precursor_mz, round(relative_intensity, 2) AS share, round(ppm_error, 1) AS ppm
FROM fragment_search(85.0284, ppm := 5, min_relative_intensity := 0.3)
WHERE collection = 'simulated_library'
ORDER BY native_id
LIMIT 3""",
    "neutral_loss_search": """
-- Which analytes lose water, in more than one spectrum of the library.
SELECT analytes.name, count(DISTINCT spectrum_id) AS n_spectra, round(avg(relative_intensity), 2) AS mean_share
FROM neutral_loss_search(18.0106, min_relative_intensity := 0.05)
JOIN spectra USING (spectrum_id)
JOIN analytes USING (analyte_id)
GROUP BY ALL
HAVING n_spectra > 1
ORDER BY mean_share DESC, analytes.name
LIMIT 3""",
    "loss_step": """
SELECT loss_step(18.0105647) AS of_water""",
    "mz_difference": """
SELECT count(DISTINCT spectrum_id) AS n_spectra, count(*) AS n_pairs
FROM mz_difference(27.9949, ppm := 5, min_relative_intensity := 0.1)""",
    "matching_peaks": """
SELECT round(query_mz, 4) AS query_mz, round(library_mz, 4) AS library_mz, round(query_intensity, 2) AS of_query,
    round(library_intensity, 2) AS of_library, shifted
FROM (FROM hits WHERE search_id = 'demo' AND rank = 1 ORDER BY score DESC, query_id LIMIT 1) AS best,
    matching_peaks(best.query_id, best.library_spectrum_id)
ORDER BY query_intensity DESC
LIMIT 3""",
}
