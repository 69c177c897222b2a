-- A session in the DuckDB shell, over the lab that `spectradb demo` makes. Run it from the directory of the demo:
--
--     cd spectradb-demo && duckdb -readonly lab/lab.duckdb < ../examples/sql_session.sql
--
-- (or wherever this file lies). All spectra of that lab are simulated.

-- What is in the lab?
SELECT collection, ion_mode, n_spectra, n_analytes FROM library_coverage ORDER BY collection, ion_mode;

-- What was searched, and how?
SELECT search_id, study, library, model, ppm, n_queries, n_answered FROM searches;

-- The surest identifications of one sample, one row per analyte.
SELECT
    name,
    formula,
    count(*) AS n_spectra,
    round(max(score), 3) AS best_score,
    max(matched_peaks) AS most_matched_peaks
FROM identifications
WHERE search_id = 'demo' AND run_id = 'simulated_study/control_01' AND confident
GROUP BY name, formula
ORDER BY best_score DESC, name
LIMIT 10;

-- Which pairs of isomers are hard to tell apart? The first two ranks of one query within 0.02 of each other.
SELECT
    least(a.name, b.name) AS one,
    greatest(a.name, b.name) AS other,
    a.formula,
    count(*) AS n_queries
FROM hits AS first
INNER JOIN hits AS second ON second.search_id = first.search_id AND second.query_id = first.query_id AND second.rank = 2
INNER JOIN analytes AS a ON a.analyte_id = first.analyte_id
INNER JOIN analytes AS b ON b.analyte_id = second.analyte_id
WHERE first.search_id = 'demo' AND first.rank = 1 AND first.score_gap < 0.02
GROUP BY ALL
ORDER BY n_queries DESC, one, other
LIMIT 10;

-- What would a wider precursor window change? The macro searches anew; nothing is recorded.
SELECT ppm, count(DISTINCT query_id) AS n_answered, round(avg(n_candidate_analytes), 2) AS mean_candidates
FROM (
    SELECT 5 AS ppm, query_id, n_candidate_analytes
    FROM identify('simulated_study', 'simulated_library', ppm := 5, k := 1)
    UNION ALL
    SELECT 50, query_id, n_candidate_analytes FROM identify('simulated_study', 'simulated_library', ppm := 50, k := 1)
)
GROUP BY ppm
ORDER BY ppm;

-- What do spectra without any candidate resemble, whatever the precursor? The mass difference hints at what was added
-- or lost.
WITH unanswered AS (
    SELECT v.*
    FROM vectors.simulated_study__default AS v
    ANTI JOIN hits ON hits.query_id = v.id
)
SELECT unanswered.precursor_mz, analytes.name, round(score, 3) AS score, round(mz_difference, 4) AS mz_difference
FROM nearest('unanswered', 'vectors.simulated_library__default', k := 1)
INNER JOIN unanswered ON unanswered.id = query_id
INNER JOIN spectra ON spectrum_id = library_id
INNER JOIN analytes ON analytes.analyte_id = spectra.analyte_id
ORDER BY score DESC, query_id
LIMIT 5;
