-- How much of each spectrum of a pair the other explains: the share of its fragments' intensity in peaks that the other
-- has, too.
--
-- Inputs: a relation, given by name, with (query_id, library_spectrum_id), as hits have; spectra.
-- Parameters: found: name of the relation; fragment_tolerance_da: tolerance in Da for peaks to be the same.
-- Columns: query_id, library_spectrum_id, query_explained, library_explained (0 to 1; 0 for a spectrum without
--   fragments).
--
-- Fragments are the peaks more than 1.5 Da below the query's precursor: what is left of the precursor itself, all
-- candidates within the window explain alike. Intensities count by their square root, so that one strong peak is not
-- all that counts.
CREATE OR REPLACE MACRO explained_intensity(found, fragment_tolerance_da := 0.01) AS TABLE
WITH compared AS (
    SELECT DISTINCT query_id, library_spectrum_id FROM query_table(found)
),
-- Peaks are paired as precursors are: an equi-join on bins one tolerance wide, then the exact test.
query_peaks AS (
    SELECT
        query_id,
        library_spectrum_id,
        mz,
        sqrt(intensity) AS weight,
        floor(mz / fragment_tolerance_da)::BIGINT AS bin
    FROM (
        SELECT
            query_id,
            library_spectrum_id,
            coalesce(precursor_mz_stated, precursor_mz) AS precursor_mz,
            unnest(spectra.mz) AS mz,
            unnest(spectra.intensity)::DOUBLE AS intensity
        FROM compared
        INNER JOIN spectra ON spectra.spectrum_id = query_id
    )
    WHERE mz < precursor_mz - 1.5
),
library_peaks AS (
    SELECT
        query_id,
        library_spectrum_id,
        mz,
        sqrt(intensity) AS weight,
        floor(mz / fragment_tolerance_da)::BIGINT AS bin
    FROM (
        SELECT
            query_id,
            library_spectrum_id,
            coalesce(q.precursor_mz_stated, q.precursor_mz) AS precursor_mz,
            unnest(l.mz) AS mz,
            unnest(l.intensity)::DOUBLE AS intensity
        FROM compared
        INNER JOIN spectra AS l ON l.spectrum_id = library_spectrum_id
        INNER JOIN spectra AS q ON q.spectrum_id = query_id
    )
    WHERE mz < precursor_mz - 1.5
),
same AS (
    SELECT
        query_id,
        library_spectrum_id,
        q.mz AS query_mz,
        q.weight AS query_weight,
        l.mz AS library_mz,
        l.weight AS library_weight
    FROM (SELECT * EXCLUDE (bin), unnest([bin - 1, bin, bin + 1]) AS bin FROM query_peaks) AS q
    INNER JOIN library_peaks AS l USING (query_id, library_spectrum_id, bin)
    WHERE abs(l.mz - q.mz) <= fragment_tolerance_da
),
of_query AS (
    SELECT query_id, library_spectrum_id, sum(query_weight) AS explained
    FROM (SELECT DISTINCT query_id, library_spectrum_id, query_mz, query_weight FROM same)
    GROUP BY query_id, library_spectrum_id
),
of_library AS (
    SELECT query_id, library_spectrum_id, sum(library_weight) AS explained
    FROM (SELECT DISTINCT query_id, library_spectrum_id, library_mz, library_weight FROM same)
    GROUP BY query_id, library_spectrum_id
),
all_of_query AS (
    SELECT query_id, library_spectrum_id, sum(weight) AS weight FROM query_peaks GROUP BY query_id, library_spectrum_id
),
all_of_library AS (
    SELECT query_id, library_spectrum_id, sum(weight) AS weight
    FROM library_peaks
    GROUP BY query_id, library_spectrum_id
)
SELECT
    query_id,
    library_spectrum_id,
    coalesce(of_query.explained / nullif(all_of_query.weight, 0), 0) AS query_explained,
    coalesce(of_library.explained / nullif(all_of_library.weight, 0), 0) AS library_explained
FROM compared
LEFT JOIN all_of_query USING (query_id, library_spectrum_id)
LEFT JOIN all_of_library USING (query_id, library_spectrum_id)
LEFT JOIN of_query USING (query_id, library_spectrum_id)
LEFT JOIN of_library USING (query_id, library_spectrum_id);
COMMENT ON MACRO TABLE explained_intensity IS
    'Internal: share of the fragments'' intensity of either spectrum of a pair that the other has, too: '
    'query_explained, library_explained';
