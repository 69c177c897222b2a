-- What the page asks first: the analytes that the newest searches answered with confidence, the most frequent first.
-- Inputs: latest_identifications. Parameters: none. Columns: name, formula, n_spectra, best_score.
SELECT name, formula, count(*) AS n_spectra, max(score) AS best_score
FROM latest_identifications
WHERE confident
GROUP BY name, formula
ORDER BY n_spectra DESC, name
LIMIT 20;
