-- Spectra to write to a file of another program: as their rows say and, where these do not, as the lab knows them.
-- Inputs: asked (spectra, all of the columns named below, NULL where unknown), annotations, runs.
-- Parameters: $separator, what stands between the m/z and the intensity of a peak.
-- Columns: as selected, in the order of asked. peaks: a line for each, intensities in single precision.
WITH placed AS (
    SELECT row_number() OVER () AS place, asked.* FROM asked
)
SELECT
    placed.spectrum_id,
    placed.native_id,
    coalesce(runs.file_name, placed.run_id) AS file_name,
    placed.run_id,
    coalesce(placed.name, entry.name) AS name,
    placed.ms_level,
    placed.precursor_mz,
    placed.charge,
    placed.ion_mode,
    placed.adduct,
    placed.collision_energy,
    placed.collision_energy_ev,
    placed.collision_energy_nce,
    placed.instrument,
    placed.instrument_type,
    placed.contributor,
    placed.source_license,
    placed.retention_time_s,
    placed.feature_id,
    placed.ion_mobility,
    placed.ion_mobility_type,
    placed.ccs,
    coalesce(placed.formula, entry.formula) AS formula,
    coalesce(placed.smiles, entry.smiles) AS smiles,
    coalesce(placed.inchikey, entry.inchikey) AS inchikey,
    entry.monoisotopic_mass,
    len(placed.mz) AS n_peaks,
    array_to_string(
        list_transform(
            list_zip(placed.mz, placed.intensity),
            lambda peak: peak[1]::DOUBLE::VARCHAR || $separator || peak[2]::FLOAT::VARCHAR
        ),
        chr(10)
    ) AS peaks
FROM placed
LEFT JOIN annotations AS entry ON entry.spectrum_id = placed.spectrum_id
LEFT JOIN runs ON runs.run_id = placed.run_id
ORDER BY placed.place;
