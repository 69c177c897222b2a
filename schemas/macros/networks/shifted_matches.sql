-- How many peaks two spectra share, where a peak may also be shifted by the difference of the precursors.
--
-- Inputs: a relation, given by name, with (spectrum_id_a, spectrum_id_b); spectra.
-- Parameters: pairs: name of the relation; fragment_tolerance_da: tolerance in Da for peaks to match.
-- Columns: spectrum_id_a, spectrum_id_b, matched_peaks: peaks of either spectrum that have a match in the other, of the
--   two counts the smaller; 0 for none.
CREATE OR REPLACE MACRO shifted_matches(pairs, fragment_tolerance_da := 0.01) AS TABLE
WITH of_pairs AS MATERIALIZED (
    SELECT spectrum_id_a, spectrum_id_b FROM query_table(pairs) GROUP BY spectrum_id_a, spectrum_id_b
),
-- Peaks are paired by bins one tolerance wide, then by the exact test.
peaks_a AS (
    SELECT
        *,
        unnest([floor(mz / fragment_tolerance_da)::BIGINT - 1, floor(mz / fragment_tolerance_da)::BIGINT,
            floor(mz / fragment_tolerance_da)::BIGINT + 1]) AS bin
    FROM (
        SELECT spectrum_id_a, spectrum_id_b, unnest(spectra.mz) AS mz
        FROM of_pairs
        INNER JOIN spectra ON spectra.spectrum_id = spectrum_id_a
    )
),
peaks_b AS (
    SELECT *, floor(shifted_mz / fragment_tolerance_da)::BIGINT AS bin
    FROM (
        SELECT * EXCLUDE (difference), unnest([mz, mz - difference]) AS shifted_mz
        FROM (
            SELECT
                spectrum_id_a,
                spectrum_id_b,
                unnest(b.mz) AS mz,
                b.precursor_mz - a.precursor_mz AS difference
            FROM of_pairs
            INNER JOIN spectra AS a ON a.spectrum_id = spectrum_id_a
            INNER JOIN spectra AS b ON b.spectrum_id = spectrum_id_b
        )
    )
),
counted AS (
    SELECT
        spectrum_id_a,
        spectrum_id_b,
        least(count(DISTINCT a.mz), count(DISTINCT b.mz))::INTEGER AS matched_peaks
    FROM peaks_a AS a
    INNER JOIN peaks_b AS b USING (spectrum_id_a, spectrum_id_b, bin)
    WHERE abs(a.mz - b.shifted_mz) <= fragment_tolerance_da
    GROUP BY spectrum_id_a, spectrum_id_b
)
SELECT spectrum_id_a, spectrum_id_b, coalesce(matched_peaks, 0) AS matched_peaks
FROM of_pairs
LEFT JOIN counted USING (spectrum_id_a, spectrum_id_b);
COMMENT ON MACRO TABLE shifted_matches IS
    'Peaks that the spectra of each pair share, shifted by the difference of the precursors or not: spectrum_id_a, '
    'spectrum_id_b, matched_peaks';
