-- The alignment table that MS-DIAL exports as text, a row for each feature and file.
-- Inputs: the file. Parameters: file, its path.
-- Columns: feature_id (Alignment ID), precursor_mz, retention_time_s, ion_mobility and ccs (NULL where the table has
--   none), name (as MS-DIAL gives it; NULL: Unknown), file, run (the same: MS-DIAL writes no suffix), area (or height,
--   or what else was exported). The columns of averages and deviations are left out.
CREATE OR REPLACE MACRO msdial_features(file) AS TABLE (
    WITH text_lines AS (
        SELECT
            unnest(string_split(replace(content, chr(13), ''), chr(10))) AS line,
            generate_subscripts(string_split(content, chr(10)), 1) AS place
        FROM read_text(file)
    ),
    parted AS (
        SELECT place, string_split(line, chr(9)) AS cells FROM text_lines WHERE line <> ''
    ),
    head AS (
        SELECT place, cells AS titles FROM parted WHERE cells[1] = 'Alignment ID'
    ),
    -- Which columns are files: those with an order of injection, in the line of that title above the header.
    orders AS (
        SELECT cells FROM parted WHERE list_contains(cells, 'Injection order')
    ),
    measured AS (
        SELECT unnest(range(1, len(head.titles) + 1)) AS i, head.titles, orders.cells AS injected FROM head, orders
    ),
    files AS (
        SELECT i, titles[i] AS "file" FROM measured WHERE try_cast(injected[i] AS BIGINT) IS NOT NULL
    ),
    features AS (
        SELECT cells, titles FROM parted, head WHERE parted.place > head.place
    )
    SELECT
        features.cells[1] AS feature_id,
        features.cells[list_position(features.titles, 'Average Mz')]::DOUBLE AS precursor_mz,
        features.cells[list_position(features.titles, 'Average Rt(min)')]::DOUBLE * 60 AS retention_time_s,
        nullif(features.cells[list_position(features.titles, 'Average mobility')]::DOUBLE, -1) AS ion_mobility,
        nullif(features.cells[list_position(features.titles, 'Average CCS')]::DOUBLE, -1) AS ccs,
        nullif(nullif(features.cells[list_position(features.titles, 'Metabolite name')], 'Unknown'), '') AS "name",
        files."file",
        files."file" AS run,
        features.cells[files.i]::DOUBLE AS area
    FROM features, files
);
COMMENT ON MACRO TABLE msdial_features IS
    'Areas of an alignment table that MS-DIAL exports, a row for each feature and file';
