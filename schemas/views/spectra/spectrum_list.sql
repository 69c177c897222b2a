-- Spectra without their peaks and vectors, for tools that take no nested types.
-- Inputs: spectra, annotations. Parameters: none. Columns: as selected.
CREATE OR REPLACE VIEW spectrum_list AS
SELECT
    spectrum_id,
    spectra.collection,
    spectra.native_id,
    run_id,
    ms_level,
    precursor_mz,
    precursor_mz_stated,
    precursor_mz_computed,
    precursor_source, precursor_check, isolation_window_lower, isolation_window_upper, charge, ion_mode, spectra.adduct,
    collision_energy,
    collision_energy_ev,
    collision_energy_nce,
    instrument,
    instrument_type,
    contributor,
    source_license,
    retention_time_s, feature_id, precursor_intensity, ion_mobility, ion_mobility_type,
    ccs,
    n_peaks,
    tic,
    splash,
    spectra.analyte_id,
    own.name,
    own.analyte_name, own.formula, duplicate_of
FROM spectra
INNER JOIN annotations AS own USING (spectrum_id);
COMMENT ON VIEW spectrum_list IS 'Spectra without peaks and vectors, with their name and formula';
COMMENT ON COLUMN spectrum_list.name IS 'Name that the record gives';
COMMENT ON COLUMN spectrum_list.spectrum_id IS
    '63-bit hash of collection and native_id: the same spectrum has the same id in every import';
COMMENT ON COLUMN spectrum_list.collection IS 'Name of the library or study';
COMMENT ON COLUMN spectrum_list.native_id IS
    'Identifier in its source: accession, scan or feature id (of a study: with its run)';
COMMENT ON COLUMN spectrum_list.run_id IS 'The run (data file) it was measured in; NULL in a library without runs';
COMMENT ON COLUMN spectrum_list.ms_level IS '2 for MS/MS, 3 and up for MSn';
COMMENT ON COLUMN spectrum_list.precursor_mz IS
    'm/z at which searches find it: as stated, or computed where none is stated or a library''s disagrees with '
    'structure and adduct';
COMMENT ON COLUMN spectrum_list.precursor_check IS
    'agrees, disagrees, computed or unchecked: the stated precursor against structure and adduct';
COMMENT ON COLUMN spectrum_list.charge IS 'Signed charge of the precursor';
COMMENT ON COLUMN spectrum_list.ion_mode IS 'positive or negative';
COMMENT ON COLUMN spectrum_list.adduct IS 'Adduct in one spelling, such as [M+H]+';
COMMENT ON COLUMN spectrum_list.collision_energy IS 'Collision energy as the source states it';
COMMENT ON COLUMN spectrum_list.collision_energy_ev IS
    'Collision energy in eV, when stated in eV or V; the mean of a ramp';
COMMENT ON COLUMN spectrum_list.collision_energy_nce IS
    'Normalised collision energy in percent, when stated so; the mean of steps';
COMMENT ON COLUMN spectrum_list.instrument IS 'Instrument, as stated';
COMMENT ON COLUMN spectrum_list.instrument_type IS 'Instrument type, such as LC-ESI-QTOF';
COMMENT ON COLUMN spectrum_list.contributor IS 'Laboratory that measured it';
COMMENT ON COLUMN spectrum_list.source_license IS 'Licence of the record';
COMMENT ON COLUMN spectrum_list.retention_time_s IS 'Retention time in seconds';
COMMENT ON COLUMN spectrum_list.feature_id IS
    'The feature that it was measured of, as programs that find features number them; NULL: not told';
COMMENT ON COLUMN spectrum_list.precursor_intensity IS
    'Intensity of the precursor in the spectrum that it was selected from; NULL: not told';
COMMENT ON COLUMN spectrum_list.ion_mobility IS
    'Ion mobility, in the unit of ion_mobility_type; NULL: not told';
COMMENT ON COLUMN spectrum_list.ion_mobility_type IS
    'What it is, as a term of PSI-MS, as in spectra; NULL: not told, then its unit is not known';
COMMENT ON COLUMN spectrum_list.ccs IS 'Collision cross section in square angstroms; NULL: not told';
COMMENT ON COLUMN spectrum_list.n_peaks IS 'Number of peaks kept';
COMMENT ON COLUMN spectrum_list.tic IS 'Sum of all intensities before peaks were removed';
COMMENT ON COLUMN spectrum_list.splash IS
    'SPLASH of the peaks as the source lists them, by which other databases name them; NULL if imported before this '
    'column was';
COMMENT ON COLUMN spectrum_list.analyte_id IS 'What it is, as in analytes; NULL when unknown';
COMMENT ON COLUMN spectrum_list.formula IS 'Molecular formula of the record''s structure';
COMMENT ON COLUMN spectrum_list.duplicate_of IS
    'Computed when published: smallest spectrum_id with the same collection, peaks, precursor and analyte; NULL for '
    'that one';
COMMENT ON COLUMN spectrum_list.precursor_mz_stated IS
    'm/z of the precursor ion as the source states it; NULL if it does not. As a query it is searched at this one';
COMMENT ON COLUMN spectrum_list.precursor_mz_computed IS
    'm/z of the ion that structure and adduct make: of a salt without its counter-ions, with isotope labels; NULL '
    'where they do not tell';
COMMENT ON COLUMN spectrum_list.precursor_source IS
    'stated or computed: which of them precursor_mz is; NULL in spectra of earlier versions';
COMMENT ON COLUMN spectrum_list.analyte_name IS
    'Commonest plain name of the analyte in the library of the spectrum; NULL in a study';
COMMENT ON COLUMN spectrum_list.isolation_window_lower IS
    'Lower bound of the window in which the precursor was isolated, m/z; NULL when unknown';
COMMENT ON COLUMN spectrum_list.isolation_window_upper IS 'Its upper bound, m/z; NULL when unknown';
