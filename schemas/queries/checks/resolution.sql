-- What the peaks of a collection tell of the resolution of its instruments, by a sample of at most 2,000 spectra.
-- Inputs: a relation, given by name, with the columns of spectra; instrument_resolution. Parameters: $spectra, the name
--   of the relation; $collection.
-- Columns: n_spectra (looked at); n_low (all their m/z lie on tenths of a Da, or the instrument type names a quadrupole
--   or a trap); n_small (their peaks below m/z 150 of a tenth of the highest or more), n_impossible (those whose m/z is
--   .25 to .85 above a whole number, which no ion of one charge and common elements has there: as good as none in
--   spectra of high resolution but for noise); precursor_mz (their median).
WITH looked_at AS (
    SELECT mz, intensity, precursor_mz, instrument_type
    FROM query_table($spectra)
    WHERE collection = $collection
    ORDER BY hash(native_id)
    LIMIT 2000
),
described AS (
    SELECT
        precursor_mz,
        list_bool_and(list_transform(mz, lambda x: abs(10 * x - round(10 * x)) < 1e-6)) AS on_tenths,
        coalesce(
            instrument_resolution(instrument_type) = 'low resolution'
            AND regexp_matches(
                instrument_type, '\b(Q{1,3}|[QL]?IT|TQ[SD]?|LTQ|quadrupole|ion ?trap|EI-B|CI-B|EB|BE)\b', 'i'
            ),
            false
        ) AS by_type,
        len(list_filter(high, lambda x: x < 150)) AS n_small,
        len(list_filter(high, lambda x: x < 150 AND x % 1 BETWEEN 0.25 AND 0.85)) AS n_impossible
    FROM (
        -- Noise lies anywhere, and is low.
        SELECT
            *,
            list_filter(mz, lambda x, i: intensity[i] >= 0.1 * list_max(intensity)) AS high -- noqa: LT01
        FROM looked_at
    )
)
SELECT
    count(*) AS n_spectra,
    count(*) FILTER (on_tenths OR by_type) AS n_low,
    coalesce(sum(n_small), 0)::BIGINT AS n_small,
    coalesce(sum(n_impossible), 0)::BIGINT AS n_impossible,
    median(precursor_mz) AS precursor_mz
FROM described;
