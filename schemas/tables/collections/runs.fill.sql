-- Fill runs with those of finished imports and the counts of their spectra. Where several imports describe a run, the
-- latest that names its sample counts, so that a sample table can come after the spectra; else the first. What the
-- records of a library call their run is no run.
-- Inputs: record_runs, imports, studies, spectra. Parameters: none. Columns: of runs.
INSERT INTO runs BY NAME
WITH described AS (
    SELECT record_runs.*
    FROM record_runs
    INNER JOIN imports USING (import_id)
    SEMI JOIN studies ON studies.name = record_runs.collection
    QUALIFY
        row_number() OVER (
            PARTITION BY run_id
            ORDER BY sample_id IS NULL, CASE WHEN sample_id IS NULL THEN finished END, finished DESC, import_id
        ) = 1
)

SELECT described.*, count(spectra.spectrum_id) AS n_spectra
FROM described
LEFT JOIN spectra ON spectra.run_id = described.run_id
GROUP BY ALL
ORDER BY run_id;
