-- Fill samples with those that runs were injected from, as the latest finished import describes them; dilution and
-- metadata are those in which all its runs agree, of whatever import, where runs have their own.
-- Inputs: record_samples, imports, runs. Parameters: none. Columns: of samples.
INSERT INTO samples BY NAME
WITH described AS (
    SELECT record_samples.*
    FROM record_samples
    INNER JOIN imports USING (import_id)
    SEMI JOIN runs USING (sample_id)
    QUALIFY row_number() OVER (PARTITION BY sample_id ORDER BY finished DESC, import_id) = 1
),
cells AS (
    SELECT
        sample_id,
        unnest(map_entries(metadata)) AS cell,
        generate_subscripts(map_entries(metadata), 1) AS place
    FROM runs
    WHERE sample_id IS NOT NULL
),
agreed AS (
    SELECT sample_id, cell.key AS key, min(cell.value) AS value, min(place) AS place
    FROM cells
    GROUP BY sample_id, cell.key
    HAVING count(DISTINCT cell.value) = 1
),
agreed_maps AS (
    SELECT sample_id, map_from_entries(list({'key': key, 'value': value} ORDER BY place, key)) AS metadata
    FROM agreed
    GROUP BY sample_id
),
of_runs AS (
    SELECT
        sample_id,
        bool_or(metadata IS NOT NULL) AS has_metadata,
        count(dilution) > 0 AS has_dilution,
        CASE WHEN count(DISTINCT dilution) = 1 THEN min(dilution) END AS dilution
    FROM runs
    WHERE sample_id IS NOT NULL
    GROUP BY sample_id
)
SELECT
    described.* REPLACE (
        CASE WHEN has_dilution THEN of_runs.dilution ELSE described.dilution END AS dilution,
        CASE WHEN has_metadata THEN coalesce(agreed_maps.metadata, MAP {}) ELSE described.metadata END AS metadata
    )
FROM described
LEFT JOIN of_runs USING (sample_id)
LEFT JOIN agreed_maps USING (sample_id)
ORDER BY sample_id;
