-- The feature table that MZmine exports beside its MGF, a row for each feature and file: the quantification table of
-- GNPS's feature-based networks ("row ID", "x.mzML Peak area") or the full CSV ("id", "datafile:x.mzML:area").
-- Inputs: the file. Parameters: file, its path.
-- Columns: feature_id (as spectra.feature_id, where the MGF has FEATURE_ID), precursor_mz, retention_time_s,
--   ion_mobility and ccs (as stated; NULL where not), file, run (file without folder and suffix: runs.name), area.
--   A file without an area for a feature has no row; an area of 0 is one that MZmine writes.
CREATE OR REPLACE MACRO mzmine_features(file) AS TABLE (
    WITH wide AS (
        SELECT * FROM read_csv(file, all_varchar := true, header := true, delim := ',')
        UNION ALL BY NAME
        -- What one of the two forms, or a table without ion mobility, has no column for.
        SELECT
            NULL::VARCHAR AS "row ID", NULL::VARCHAR AS "row m/z", NULL::VARCHAR AS "row retention time",
            NULL::VARCHAR AS "row ion mobility", NULL::VARCHAR AS "row CCS", NULL::VARCHAR AS "id",
            NULL::VARCHAR AS "mz", NULL::VARCHAR AS "rt", NULL::VARCHAR AS "mobility", NULL::VARCHAR AS "ccs"
        WHERE false
    ),
    long AS (
        UNPIVOT wide ON COLUMNS('( Peak area|^datafile:.*:area)$') INTO NAME measured VALUE stated_area
    ),
    named AS (
        SELECT
            *,
            regexp_replace(measured, '^datafile:(.*):area$|^(.*) Peak area$', '\1\2') AS file_name
        FROM long
    )
    SELECT
        coalesce("row ID", "id") AS feature_id,
        coalesce("row m/z", "mz")::DOUBLE AS precursor_mz,
        coalesce("row retention time", "rt")::DOUBLE * 60 AS retention_time_s,
        coalesce("row ion mobility", "mobility")::DOUBLE AS ion_mobility,
        coalesce("row CCS", "ccs")::DOUBLE AS ccs,
        file_name AS "file",
        regexp_replace(
            parse_filename(file_name), '\.(mzML|mzXML|mgf|raw|d|wiff2?)(\.gz)?$', '', 'i'
        ) AS run,
        stated_area::DOUBLE AS area
    FROM named
);
COMMENT ON MACRO TABLE mzmine_features IS
    'Areas of a feature table that MZmine exports, a row for each feature and file';
