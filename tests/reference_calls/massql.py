"""Statements for the macros that queries in MassQL become calls of."""

CALLS = {
    "massql_peaks_near": """
WITH places AS (
    SELECT spectrum_id, precursor_mz AS x, precursor_mz - 18.0106 AS centre, 0.002 AS tolerance
    FROM spectra
    WHERE collection = 'simulated_library'
)
SELECT count(DISTINCT spectrum_id) AS n_spectra, round(avg(relative_intensity), 2) AS mean_share
FROM massql_peaks_near('places', 'places')""",
    "massql_with_fragment": """
SELECT count(*) AS n_spectra FROM massql_with_fragment(85.028, 85.029)""",
    "massql_fragments": """
SELECT count(*) AS n_peaks, round(max(relative_intensity), 2) AS largest_share FROM massql_fragments(85.028, 85.029)""",
    "massql_with_loss": """
SELECT count(*) AS n_spectra FROM massql_with_loss(18.005, 18.015)""",
    "massql_losses": """
SELECT count(*) AS n_peaks, round(max(relative_intensity), 2) AS largest_share FROM massql_losses(18.005, 18.015)""",
    "massql_scan": """
SELECT massql_scan('controllerType=0 controllerNumber=1 scan=18') AS of_mzml, massql_scan('MSBNK-1') AS of_library""",
    "massql_scaninfo": """
WITH found AS (SELECT * FROM spectra WHERE run_id = 'simulated_study/control_01' AND native_id IN ('1', '2'))
SELECT native_id, precursor_mz, n_peaks, round(intensity_max / intensity_sum, 2) AS base_peak_share
FROM massql_scaninfo('found')
ORDER BY native_id""",
    "massql_peakinfo": """
WITH found AS (
    SELECT spectrum_id, mz[:2] AS mz, intensity[:2] AS intensity
    FROM spectra
    WHERE run_id = 'simulated_study/control_01' AND native_id IN ('1', '2')
)
SELECT native_id, n_peaks, round(relative_intensity_max, 2) AS share FROM massql_peakinfo('found') ORDER BY native_id""",
}
