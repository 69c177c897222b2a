-- The SPLASH of each spectrum: a hash by which databases name one and the same list of peaks (Wohlgemuth et al., Nature
-- Biotechnology 34, 1099, 2016; version 10).
--
-- Inputs: spectra. Parameters: none. Columns: as selected.
--
-- Intensities are scaled to 100 for the highest. The second block sums up the ten highest peaks of at least a tenth of
-- it in bins 5 wide, the third all peaks in bins 100 wide, each modulo ten bins, in three and ten levels; the last
-- is of all m/z in millionths and intensities in percent, cut off to whole numbers. It is of the peaks that the record
-- keeps: of a spectrum from which an import dropped peaks it is another than that of its source, spectra.splash.
CREATE OR REPLACE VIEW splashes AS
WITH peaks AS (
    SELECT spectrum_id, mz, intensity / base * 100 AS height
    FROM (
        SELECT
            spectrum_id,
            unnest(mz) AS mz,
            unnest(intensity)::DOUBLE AS intensity,
            list_max(intensity)::DOUBLE AS base
        FROM spectra
    )
),
highest AS (
    SELECT spectrum_id, mz, height
    FROM peaks
    WHERE height + 1e-7 >= 10
    QUALIFY row_number() OVER (PARTITION BY spectrum_id ORDER BY height DESC, mz) <= 10
),
sums AS (
    SELECT spectrum_id, 3 AS base, floor(mz / 5)::BIGINT % 10 AS bin, sum(height ORDER BY mz) AS total
    FROM highest
    GROUP BY spectrum_id, bin
    UNION ALL
    SELECT spectrum_id, 10, floor(mz / 100)::BIGINT % 10 AS bin, sum(height ORDER BY mz)
    FROM peaks
    GROUP BY spectrum_id, bin
),
levels AS (
    SELECT
        spectrum_id, base, bin,
        floor((base - 1) * total / max(total) OVER (PARTITION BY spectrum_id, base) + 1e-7)::BIGINT AS level
    FROM sums
),
numbers AS (
    SELECT
        spectrum_id,
        sum(level * (3 ** (9 - bin))::BIGINT) FILTER (WHERE base = 3)::BIGINT AS prefix,
        sum(level * (10 ** (9 - bin))::BIGINT) FILTER (WHERE base = 10)::BIGINT AS histogram
    FROM levels
    GROUP BY spectrum_id
),
hashes AS (
    SELECT
        spectrum_id,
        sha256(
            string_agg(
                floor((mz + 1e-7) * 1000000)::BIGINT || ':' || floor(height + 1e-7)::BIGINT,
                ' ' ORDER BY mz, height DESC
            )
        )[1:20] AS hash
    FROM peaks
    GROUP BY spectrum_id
)
SELECT
    spectra.spectrum_id,
    spectra.collection,
    spectra.native_id,
    concat(
        'splash10-',
        '0123456789abcdefghijklmnopqrstuvwxyz'[1 + prefix // 46656],
        '0123456789abcdefghijklmnopqrstuvwxyz'[1 + (prefix // 1296) % 36],
        '0123456789abcdefghijklmnopqrstuvwxyz'[1 + (prefix // 36) % 36],
        '0123456789abcdefghijklmnopqrstuvwxyz'[1 + prefix % 36],
        '-',
        lpad(histogram::VARCHAR, 10, '0'),
        '-',
        hash
    ) AS splash
FROM spectra
INNER JOIN numbers USING (spectrum_id)
INNER JOIN hashes USING (spectrum_id);
COMMENT ON VIEW splashes IS 'The SPLASH of each spectrum: the name of its list of peaks in other databases';
COMMENT ON COLUMN splashes.spectrum_id IS 'The spectrum';
COMMENT ON COLUMN splashes.collection IS 'Name of the library or study';
COMMENT ON COLUMN splashes.native_id IS 'Identifier in its source';
COMMENT ON COLUMN splashes.splash IS 'SPLASH of the peaks that the record keeps, version 10';
