-- Spectra with the same peaks that are said to be different analytes, within one collection and across collections: at
-- most one of the annotations is right, or the peaks do not tell them apart.
--
-- Inputs: spectra, annotations. Parameters: none. Columns: as selected; a row for each spectrum of such a group.
--
-- Peaks are the same where peaks_hash is (m/z to 4 decimals, relative intensities to 3, of the peaks that a record
-- keeps), or SPLASH is (of the peaks as the source lists them; none for what was imported before SPLASH was kept). What
-- both have in common comes once, as the same peaks_hash. Groups are of one ion mode. A group of one or two peaks
-- (n_peaks) can be the same by chance.
CREATE OR REPLACE VIEW contradicting_annotations AS
WITH contradicted AS (
    SELECT
        'peaks_hash' AS same,
        ion_mode,
        peaks_hash,
        NULL::VARCHAR AS splash,
        count(*) AS n_spectra,
        count(DISTINCT analyte_id) AS n_analytes,
        max(precursor_mz) - min(precursor_mz) AS precursor_mz_range
    FROM spectra
    WHERE analyte_id IS NOT NULL
    GROUP BY ion_mode, peaks_hash
    HAVING min(analyte_id) < max(analyte_id)
    UNION ALL
    SELECT
        'splash' AS same,
        ion_mode,
        NULL::BIGINT AS peaks_hash,
        splash,
        count(*) AS n_spectra,
        count(DISTINCT analyte_id) AS n_analytes,
        max(precursor_mz) - min(precursor_mz) AS precursor_mz_range
    FROM spectra
    WHERE analyte_id IS NOT NULL AND splash IS NOT NULL
    GROUP BY ion_mode, splash
    HAVING min(analyte_id) < max(analyte_id) AND min(peaks_hash) < max(peaks_hash)
),
members AS (
    SELECT g.*, s.spectrum_id
    FROM contradicted AS g
    INNER JOIN spectra AS s ON s.ion_mode = g.ion_mode AND s.peaks_hash = g.peaks_hash
    UNION ALL
    SELECT g.*, s.spectrum_id
    FROM contradicted AS g
    INNER JOIN spectra AS s ON s.ion_mode = g.ion_mode AND s.splash = g.splash
)
SELECT
    s.peaks_hash,
    s.ion_mode,
    m.n_spectra,
    m.n_analytes,
    m.precursor_mz_range,
    s.n_peaks,
    s.spectrum_id,
    s.collection,
    s.native_id,
    s.contributor,
    s.precursor_mz,
    s.adduct,
    s.analyte_id,
    a.name,
    a.formula,
    a.smiles,
    m.same,
    s.splash
FROM members AS m
INNER JOIN spectra AS s ON s.spectrum_id = m.spectrum_id AND s.analyte_id IS NOT NULL
INNER JOIN annotations AS a ON a.spectrum_id = s.spectrum_id;
COMMENT ON VIEW contradicting_annotations IS 'Spectra with the same peaks under different analytes, a row for each';
COMMENT ON COLUMN contradicting_annotations.peaks_hash IS
    'Hash of its peaks, which the group has in common where same says so';
COMMENT ON COLUMN contradicting_annotations.ion_mode IS 'positive or negative';
COMMENT ON COLUMN contradicting_annotations.n_spectra IS 'Annotated spectra with these peaks';
COMMENT ON COLUMN contradicting_annotations.n_analytes IS 'Different analytes that they are said to be';
COMMENT ON COLUMN contradicting_annotations.precursor_mz_range IS
    'How far their precursors lie apart, m/z; near 0 the analytes are isomers';
COMMENT ON COLUMN contradicting_annotations.n_peaks IS 'Number of peaks; few can be the same by chance';
COMMENT ON COLUMN contradicting_annotations.spectrum_id IS 'One of the spectra';
COMMENT ON COLUMN contradicting_annotations.collection IS 'Name of its library or study';
COMMENT ON COLUMN contradicting_annotations.native_id IS 'Identifier in its source';
COMMENT ON COLUMN contradicting_annotations.contributor IS 'Laboratory that measured it';
COMMENT ON COLUMN contradicting_annotations.precursor_mz IS 'm/z at which searches find it';
COMMENT ON COLUMN contradicting_annotations.adduct IS 'Adduct in one spelling';
COMMENT ON COLUMN contradicting_annotations.analyte_id IS 'What it is said to be';
COMMENT ON COLUMN contradicting_annotations.name IS 'Name that its record gives';
COMMENT ON COLUMN contradicting_annotations.formula IS 'Molecular formula of its structure';
COMMENT ON COLUMN contradicting_annotations.smiles IS 'RDKit canonical SMILES of its structure';
COMMENT ON COLUMN contradicting_annotations.same IS
    'What the spectra of the group have in common: peaks_hash or splash';
COMMENT ON COLUMN contradicting_annotations.splash IS 'SPLASH of the peaks as its source lists them; NULL if not kept';
