-- Spectra of a MassBank release that was saved as a table, one row a record, named after the fields of the record format.
--
-- Inputs:     '{file}', a Parquet, CSV or JSON file with the columns used below.
-- Parameters: none besides the path.
-- Columns:    native_id, ms_level, precursor_mz (m/z), ion_mode, adduct, collision_energy, instrument, instrument_type,
--             retention_time_s (seconds), retention_time_unitless (as stated, where no unit is), name, smiles, inchi, inchikey,
--             formula, pubchem_cid, contributor, source_license, run, mz (m/z), intensity
--
-- MSn says that the level is not stated: NULL. Retention times without a unit are taken for minutes, as contributors who state
-- none give values of one chromatographic run in minutes; the import counts them and takes another unit if told. Of a range
-- ("0.58-0.89 min") neither end is the time: NULL. Each contributor counts as a run.
SELECT
    accession AS native_id,
    TRY_CAST(regexp_extract(ms_type, '^MS([0-9]+)$', 1) AS INTEGER) AS ms_level,
    precursor_mz,
    ion_mode,
    adduct,
    collision_energy,
    instrument,
    instrument_type,
    CASE
        WHEN regexp_matches(retention_time, '^\s*[0-9.]+\s*-') THEN NULL
        ELSE TRY_CAST(regexp_extract(retention_time, '^\s*([0-9]*\.?[0-9]+)', 1) AS DOUBLE)
            * CASE WHEN regexp_matches(retention_time, '^\s*[0-9.]+\s*s(ec)?\b', 'i') THEN 1 ELSE 60 END
    END AS retention_time_s,
    TRY_CAST(regexp_extract(retention_time, '^\s*([0-9]*\.?[0-9]+)\s*$', 1) AS DOUBLE) AS retention_time_unitless,
    name,
    smiles,
    inchi,
    inchikey,
    formula,
    pubchem_cid,
    contributor,
    license AS source_license,
    contributor AS run,
    mz,
    intensity
FROM '{file}';
