-- Spectra: one row per MS/MS spectrum, of a library or of a run. Publishing adds one column embedding_<model> FLOAT[d]
-- per model.
-- Inputs: none. Parameters: none. Columns: as commented below; those whose comment begins with "Computed" are not in
--   the record.
CREATE TABLE spectra (
    spectrum_id BIGINT NOT NULL,
    collection VARCHAR NOT NULL,
    native_id VARCHAR NOT NULL,
    run_id VARCHAR,
    ms_level TINYINT NOT NULL,
    precursor_mz DOUBLE NOT NULL,
    precursor_mz_stated DOUBLE,
    precursor_mz_computed DOUBLE,
    precursor_source VARCHAR,
    precursor_check VARCHAR NOT NULL,
    isolation_window_lower DOUBLE,
    isolation_window_upper DOUBLE,
    charge TINYINT,
    ion_mode VARCHAR NOT NULL,
    adduct VARCHAR,
    collision_energy VARCHAR,
    collision_energy_ev DOUBLE,
    collision_energy_nce DOUBLE,
    instrument VARCHAR,
    instrument_type VARCHAR,
    contributor VARCHAR,
    source_license VARCHAR,
    retention_time_s DOUBLE,
    feature_id VARCHAR,
    precursor_intensity DOUBLE,
    ion_mobility DOUBLE,
    ion_mobility_type VARCHAR,
    ccs DOUBLE,
    mz DOUBLE[] NOT NULL,
    intensity FLOAT[] NOT NULL,
    n_peaks INTEGER NOT NULL,
    tic DOUBLE NOT NULL,
    peaks_hash BIGINT NOT NULL,
    splash VARCHAR,
    name VARCHAR,
    structure_id BIGINT,
    record_hash BIGINT,
    analyte_id VARCHAR,
    import_id VARCHAR NOT NULL,
    first_import_id VARCHAR,
    duplicate_of BIGINT
);
COMMENT ON TABLE spectra IS 'One MS/MS spectrum, of a library or of a run; sorted by ion mode and precursor m/z';
COMMENT ON COLUMN spectra.spectrum_id IS
    '63-bit hash of collection and native_id: the same spectrum has the same id in every import';
COMMENT ON COLUMN spectra.collection IS 'Name of the library or study';
COMMENT ON COLUMN spectra.native_id IS
    'Identifier in its source: accession, scan or feature id (of a study: with its run)';
COMMENT ON COLUMN spectra.run_id IS 'The run (data file) it was measured in; NULL in a library without runs';
COMMENT ON COLUMN spectra.ms_level IS '2 for MS/MS, 3 and up for MSn';
COMMENT ON COLUMN spectra.precursor_mz IS
    'm/z at which searches find it: as stated, or computed where none is stated or a library''s disagrees with '
    'structure and adduct';
COMMENT ON COLUMN spectra.precursor_mz_stated IS
    'm/z of the precursor ion as the source states it; NULL if it does not. As a query it is searched at this one';
COMMENT ON COLUMN spectra.precursor_mz_computed IS
    'm/z of the ion that structure and adduct make: of a salt without its counter-ions, with isotope labels; NULL '
    'where they do not tell';
COMMENT ON COLUMN spectra.precursor_source IS
    'stated or computed: which of them precursor_mz is; NULL in spectra of earlier versions';
COMMENT ON COLUMN spectra.precursor_check IS
    'agrees, disagrees, computed or unchecked: the stated precursor against structure and adduct';
COMMENT ON COLUMN spectra.isolation_window_lower IS
    'Lower bound of the window in which the precursor was isolated, m/z; NULL when unknown';
COMMENT ON COLUMN spectra.isolation_window_upper IS 'Its upper bound, m/z; NULL when unknown';
COMMENT ON COLUMN spectra.charge IS 'Signed charge of the precursor';
COMMENT ON COLUMN spectra.ion_mode IS 'positive or negative';
COMMENT ON COLUMN spectra.adduct IS 'Adduct in one spelling, such as [M+H]+';
COMMENT ON COLUMN spectra.collision_energy IS 'Collision energy as the source states it';
COMMENT ON COLUMN spectra.collision_energy_ev IS 'Collision energy in eV, when stated in eV or V; the mean of a ramp';
COMMENT ON COLUMN spectra.collision_energy_nce IS
    'Normalised collision energy in percent, when stated so; the mean of steps';
COMMENT ON COLUMN spectra.instrument IS 'Instrument, as stated';
COMMENT ON COLUMN spectra.instrument_type IS 'Instrument type, such as LC-ESI-QTOF';
COMMENT ON COLUMN spectra.contributor IS 'Laboratory that measured it';
COMMENT ON COLUMN spectra.source_license IS 'Licence of the record';
COMMENT ON COLUMN spectra.retention_time_s IS 'Retention time in seconds';
COMMENT ON COLUMN spectra.feature_id IS
    'The feature that it was measured of, as programs that find features number them; NULL: not told';
COMMENT ON COLUMN spectra.precursor_intensity IS
    'Intensity of the precursor in the spectrum that it was selected from; NULL: not told';
COMMENT ON COLUMN spectra.ion_mobility IS
    'Ion mobility, in the unit of ion_mobility_type; NULL: not told';
COMMENT ON COLUMN spectra.ion_mobility_type IS
    'What it is, as a term of PSI-MS: ion mobility drift time (ms), inverse reduced ion mobility (1/K0, V s/cm2), '
    'FAIMS or SELEXION compensation voltage (V); NULL: not told, then its unit is not known';
COMMENT ON COLUMN spectra.ccs IS 'Collision cross section in square angstroms; NULL: not told';
COMMENT ON COLUMN spectra.mz IS 'm/z of the peaks, ascending';
COMMENT ON COLUMN spectra.intensity IS 'Intensities of the peaks, in the unit of the source';
COMMENT ON COLUMN spectra.n_peaks IS 'Number of peaks kept';
COMMENT ON COLUMN spectra.tic IS 'Sum of all intensities before peaks were removed';
COMMENT ON COLUMN spectra.peaks_hash IS
    '63-bit hash of m/z to 4 decimals and relative intensity to 3: equal for copies of one spectrum';
COMMENT ON COLUMN spectra.splash IS
    'SPLASH of the peaks as the source lists them, by which other databases name them; NULL if imported before this '
    'column was';
COMMENT ON COLUMN spectra.name IS
    'Name that the record itself gives, without adduct and remarks; NULL: none, or imported before schema version 3';
COMMENT ON COLUMN spectra.structure_id IS
    'The record''s own structure, in structures; NULL: none, or imported before schema version 3';
COMMENT ON COLUMN spectra.record_hash IS
    '63-bit hash of peaks, precursor, adduct, energy, structure, name and what else the record states: another one is '
    'another version';
COMMENT ON COLUMN spectra.analyte_id IS
    'What it is, see analytes: the 2D structure, with isotope labels and protonation, or a name where the record has '
    'no more; NULL when unknown';
COMMENT ON COLUMN spectra.import_id IS 'The import that brought it, as it is now';
COMMENT ON COLUMN spectra.first_import_id IS
    'The import that first brought it: another one where it was replaced since; NULL: imported by an earlier version';
COMMENT ON COLUMN spectra.duplicate_of IS
    'Computed when published: smallest spectrum_id with the same collection, peaks, precursor and analyte; NULL for '
    'that one';
