-- The runs whose queries a search answered, in the order in which mzTab numbers them.
-- Inputs: candidates, runs, samples. Parameters: $search.
-- Columns: run_id, name, file_name, sha256, ion_mode, sample, sample_group (NULL: not told).
SELECT DISTINCT
    found.run_id,
    runs.name,
    runs.file_name,
    runs.sha256,
    coalesce(runs.ion_mode, any_value(found.ion_mode) OVER (PARTITION BY found.run_id)) AS ion_mode,
    samples.name AS sample,
    samples.sample_group
FROM candidates AS found
INNER JOIN runs ON runs.run_id = found.run_id
LEFT JOIN samples ON samples.sample_id = runs.sample_id
WHERE found.search_id = $search
ORDER BY found.run_id;
