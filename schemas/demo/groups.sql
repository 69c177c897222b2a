-- Which analytes differ most between the two groups, by the number of spectra confidently identified as them.
--
-- Inputs: identifications, samples. Parameters: none. Columns: name; spectra in the control and in the treated group;
--   log2_ratio of the two, each plus one half so that none is zero. Only confident answers count, and analytes of at
--   least ten spectra.
SELECT
    identifications.name,
    count(*) FILTER (sample_group = 'control') AS control,
    count(*) FILTER (sample_group = 'treated') AS treated,
    round(log2((treated + 0.5) / (control + 0.5)), 2) AS log2_ratio
FROM identifications
INNER JOIN samples USING (sample_id)
WHERE search_id = 'demo' AND confident
GROUP BY identifications.name
HAVING count(*) >= 10
ORDER BY abs(log2_ratio) DESC, identifications.name
LIMIT 8;
