-- The spectra that a search asked about, each with the part of the study that it belongs to.
--
-- Inputs: searches, spectra, runs, samples, sample_metadata.
-- Parameters: search: a search_id, an error where the lab has none such; per: what to divide the study by: search (one
--   part, all), run, contributor, chromatography, ion_mode, sample, sample_type, sample_group, dilution, or the name of
--   any other column of the sample table.
-- Columns: query_id, run_id, contributor, ion_mode, precursor_mz (as stated, where it is), peaks_hash, part (NULL where
--   the sample table does not tell).
--
-- The setting "contributors" of a search restricts its queries to those laboratories. It is read out of JSON by
-- patterns, since clients may lack the extension for JSON, the page in the browser among them.
CREATE OR REPLACE MACRO search_queries(search, per := 'search') AS TABLE
WITH written AS (
    SELECT study, regexp_extract(settings, '"contributors": \[((?:"(?:[^"\\]|\\.)*"(?:, )?)*)\]', 1) AS names
    FROM searches
    WHERE search_id = known_search(search)
),
job AS (
    SELECT
        study,
        CASE
            WHEN names <> ''
                THEN list_transform(
                    regexp_extract_all(names, '"((?:[^"\\]|\\.)*)"', 1),
                    lambda name: list_aggregate(
                        list_transform(
                            regexp_extract_all(
                                name, '\\ud[89ab][0-9a-f]{2}\\u[0-9a-f]{4}|\\u[0-9a-f]{4}|\\.|[^\\]+'
                            ),
                            lambda part: CASE
                                WHEN part[1] <> '\' THEN part
                                WHEN length(part) = 12 -- two halves of a character
                                    THEN chr(
                                        (('0x' || part[3:6])::INTEGER - 55296) * 1024
                                        + ('0x' || part[9:12])::INTEGER - 56320 + 65536
                                    )
                                WHEN length(part) = 6 THEN chr(('0x' || part[3:6])::INTEGER)
                                WHEN part[2] = 'n' THEN chr(10)
                                WHEN part[2] = 't' THEN chr(9)
                                ELSE part[2:2]
                            END
                        ),
                        'string_agg',
                        ''
                    )
                )
        END AS contributors
    FROM written
),
described AS (
    SELECT
        runs.run_id,
        CASE per
            WHEN 'run' THEN runs.run_id
            WHEN 'chromatography' THEN runs.chromatography
            WHEN 'sample' THEN samples.name
            WHEN 'sample_type' THEN samples.sample_type
            WHEN 'sample_group' THEN samples.sample_group
            WHEN 'dilution' THEN format('{:g}', coalesce(runs.dilution, samples.dilution))
            ELSE coalesce(runs.metadata[per], metadata.value)
        END AS part
    FROM runs
    LEFT JOIN samples ON samples.sample_id = runs.sample_id
    LEFT JOIN sample_metadata AS metadata ON metadata.sample_id = runs.sample_id AND metadata.name = per
)
SELECT
    spectra.spectrum_id AS query_id,
    spectra.run_id,
    spectra.contributor,
    spectra.ion_mode,
    coalesce(spectra.precursor_mz_stated, spectra.precursor_mz) AS precursor_mz,
    spectra.peaks_hash,
    CASE per
        WHEN 'search' THEN 'all'
        WHEN 'run' THEN spectra.run_id
        WHEN 'contributor' THEN spectra.contributor
        WHEN 'ion_mode' THEN spectra.ion_mode
        ELSE described.part
    END AS part
FROM spectra
INNER JOIN job ON job.study = spectra.collection
LEFT JOIN described ON described.run_id = spectra.run_id
WHERE job.contributors IS NULL OR list_contains(job.contributors, spectra.contributor);
COMMENT ON MACRO TABLE search_queries IS
    'The query spectra of a search, with the run, contributor, dilution or other part of the study that each belongs '
    'to';
