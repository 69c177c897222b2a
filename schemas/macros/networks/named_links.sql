-- The edges of a network with what the difference of their precursors means.
--
-- Inputs: a relation, given by name, with (spectrum_id_a, spectrum_id_b, score, matched_peaks); spectra,
--   common_modifications.
-- Parameters: links: name of the relation; modification_tolerance_da: how far a difference of mass may be from that of
--   a modification, in Da.
-- Columns: spectrum_id_a (the lighter precursor), spectrum_id_b, score, matched_peaks, mz_difference (b less a),
--   mass_difference (Da: mz_difference times the charge, where both have the same; spectra that state no charge count
--   as singly charged; NULL where charges differ), modification (names joined by "or" where more than one is within the
--   tolerance, the nearest first; NULL for none).
CREATE OR REPLACE MACRO named_links(links, modification_tolerance_da := 0.005) AS TABLE
WITH apart AS (
    SELECT
        l.spectrum_id_a,
        l.spectrum_id_b,
        l.score,
        l.matched_peaks,
        b.precursor_mz - a.precursor_mz AS mz_difference,
        CASE
            WHEN coalesce(abs(a.charge), 1) = coalesce(abs(b.charge), 1)
                THEN (b.precursor_mz - a.precursor_mz) * coalesce(abs(a.charge), 1)
        END AS mass_difference
    FROM query_table(links) AS l
    INNER JOIN spectra AS a ON a.spectrum_id = l.spectrum_id_a
    INNER JOIN spectra AS b ON b.spectrum_id = l.spectrum_id_b
),
modifications AS (
    SELECT list({mass: mass_difference, name: modification} ORDER BY mass_difference) AS known
    FROM common_modifications
)
SELECT
    apart.*,
    nullif(
        list_aggregate(
            list_transform(
                list_sort(
                    list_transform(
                        list_filter(known, lambda x: abs(x.mass - mass_difference) <= modification_tolerance_da),
                        lambda x: {away: abs(x.mass - mass_difference), name: x.name}
                    )
                ),
                lambda x: x.name
            ),
            'string_agg',
            ' or '
        ),
        ''
    ) AS modification
FROM apart
CROSS JOIN modifications;
COMMENT ON MACRO TABLE named_links IS
    'Internal: the edges of networks with mz_difference, mass_difference and the modification that it names';
