-- Pairs of spectra of one run that look like two adducts of one compound: they elute together, and their precursors
-- give the same neutral mass.
--
-- Inputs: spectra, studies. Spectra without a run or retention time, or of more than one charge, have no pair.
-- Parameters: study: name of the study, NULL: all studies; ppm: how far the neutral masses may be apart, of the larger
--   precursor m/z; rt_seconds: how far the retention times may be apart.
-- Adducts considered: [M+H]+, [M+Na]+, [M+NH4]+, [M+K]+, [M-H2O+H]+; [M-H]-, [M+Cl]-, [M+CHO2]-, [M-H2O-H]-. Their
--   masses, of the ion less the neutral, are sums of atomic masses of AME 2020 and the electron's of CODATA 2018;
--   neutral masses start at 50 Da. A pair is a hint, no proof: two compounds can elute together and differ by chance as
--   two adducts do.
-- Columns: study, run_id, spectrum_id, adduct, precursor_mz, partner_id, partner_adduct, partner_mz, neutral_mass (Da,
--   by spectrum_id and adduct), ppm_error (the partner's neutral mass less that, of the larger precursor m/z). Each
--   pair comes in both directions.
CREATE OR REPLACE MACRO adduct_pairs(study := NULL, ppm := 10.0, rt_seconds := 2.0) AS TABLE
WITH adducts (ion_mode, adduct, mass) AS (
    VALUES
    ('positive', '[M+H]+', 1.007276::DOUBLE),
    ('positive', '[M+Na]+', 22.989221),
    ('positive', '[M+NH4]+', 18.033826),
    ('positive', '[M+K]+', 38.963158),
    ('positive', '[M-H2O+H]+', -17.003288),
    ('negative', '[M-H]-', -1.007276),
    ('negative', '[M+Cl]-', 34.969401),
    ('negative', '[M+CHO2]-', 44.998203),
    ('negative', '[M-H2O-H]-', -19.017841)
),
ions AS (
    SELECT
        s.collection, s.run_id, s.spectrum_id, s.retention_time_s, s.precursor_mz, a.adduct,
        s.precursor_mz - a.mass AS neutral_mass,
        floor(ln(s.precursor_mz - a.mass) / (2 * ppm * 1e-6))::BIGINT AS bin
    FROM spectra AS s
    INNER JOIN adducts AS a ON a.ion_mode = s.ion_mode
    SEMI JOIN studies AS t ON t.name = s.collection
    WHERE
        (study IS NULL OR s.collection = study)
        AND s.run_id IS NOT NULL
        AND s.retention_time_s IS NOT NULL
        AND coalesce(abs(s.charge), 1) <= 1
        AND s.precursor_mz - a.mass > 50
),
near AS (
    SELECT * EXCLUDE (bin), unnest([bin - 1, bin, bin + 1]) AS bin FROM ions
)
SELECT
    i.collection AS study, i.run_id, i.spectrum_id, i.adduct, i.precursor_mz,
    p.spectrum_id AS partner_id, p.adduct AS partner_adduct, p.precursor_mz AS partner_mz,
    i.neutral_mass,
    (p.neutral_mass - i.neutral_mass) / greatest(i.precursor_mz, p.precursor_mz) * 1e6 AS ppm_error
FROM near AS i
INNER JOIN ions AS p ON p.run_id = i.run_id AND p.bin = i.bin
WHERE
    p.adduct <> i.adduct
    AND p.spectrum_id <> i.spectrum_id
    AND abs(p.neutral_mass - i.neutral_mass) <= greatest(i.precursor_mz, p.precursor_mz) * ppm * 1e-6
    AND abs(p.retention_time_s - i.retention_time_s) <= rt_seconds;
COMMENT ON MACRO TABLE adduct_pairs IS
    'Pairs of spectra of one run that look like two adducts of one compound: study, run_id, spectrum_id, adduct, '
    'precursor_mz, partner_id, partner_adduct, partner_mz, neutral_mass, ppm_error';
