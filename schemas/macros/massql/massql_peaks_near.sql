-- The peaks of spectra that lie near given places, as conditions of MassQL with a variable ask for them.
--
-- Inputs: a relation, given by name, with (spectrum_id, x, centre, tolerance): for a spectrum and a value of the
--   variable the m/z to look at, and its tolerance in Da; another with (spectrum_id), all spectra that are looked at;
--   peaks_by_spectrum.
-- Parameters: places, candidates: names of the relations.
-- Columns: spectrum_id, x, mz, intensity, relative_intensity, tic_share, loss; a row for each peak that is nearer than
--   the tolerance.
--
-- Peaks are paired with places as precursors are: an equi-join on bins of 1 m/z, then the exact test.
CREATE OR REPLACE MACRO massql_peaks_near(places, candidates) AS TABLE
WITH probes AS (
    SELECT
        spectrum_id,
        x,
        centre - tolerance AS lower,
        centre + tolerance AS upper,
        unnest(range(floor(centre - tolerance)::BIGINT, floor(centre + tolerance)::BIGINT + 1)) AS bin
    FROM query_table(places)
),
near AS (
    SELECT p.*, floor(p.mz)::BIGINT AS bin
    FROM peaks_by_spectrum AS p
    SEMI JOIN (SELECT spectrum_id FROM query_table(candidates)) AS asked USING (spectrum_id)
)
SELECT
    spectrum_id,
    probes.x AS x,
    near.mz AS mz,
    near.intensity AS intensity,
    near.relative_intensity AS relative_intensity,
    near.tic_share AS tic_share,
    near.loss AS loss
FROM probes
INNER JOIN near USING (spectrum_id, bin)
WHERE near.mz > probes.lower AND near.mz < probes.upper;
COMMENT ON MACRO TABLE massql_peaks_near IS
    'Internal: the peaks of spectra near given places: spectrum_id, x, mz, intensity, relative_intensity, tic_share, '
    'loss';
