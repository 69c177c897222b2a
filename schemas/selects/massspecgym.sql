-- Spectra of the MassSpecGym benchmark (Bushuiev et al., NeurIPS 2024), from its tab-separated table.
--
-- Inputs:     '{file}', tab-separated text with a header line and the columns identifier, mzs, intensities (numbers separated by
--             commas), smiles, inchikey (14 characters), formula, precursor_mz, adduct, instrument_type, collision_energy, fold.
--             Its other columns (precursor_formula, parent_mass, simulation_challenge) are not used.
-- Parameters: none besides the path.
-- Columns:    native_id, ms_level (all are MS2), precursor_mz (m/z), ion_mode (the sign at the end of the adduct), adduct,
--             collision_energy, instrument_type, smiles, inchikey, formula, run (the fold), mz (m/z), intensity
--
-- All columns are read as text, so that no guess from the first rows decides how a later one is read.
SELECT
    identifier AS native_id,
    2 AS ms_level,
    TRY_CAST(precursor_mz AS DOUBLE) AS precursor_mz,
    CASE right(adduct, 1) WHEN '+' THEN 'positive' WHEN '-' THEN 'negative' END AS ion_mode,
    adduct,
    collision_energy,
    instrument_type,
    smiles,
    inchikey,
    formula,
    fold AS run,
    TRY_CAST(string_split(mzs, ',') AS DOUBLE[]) AS mz,
    TRY_CAST(string_split(intensities, ',') AS DOUBLE[]) AS intensity
FROM read_csv('{file}', delim = '\t', header = true, all_varchar = true, quote = '"', max_line_size = 16777216);
