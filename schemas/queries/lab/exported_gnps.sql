-- Answers as GNPS lists those of its library search, for tools that read that table beside a feature-based network.
-- Inputs: answered (rows of identifications), spectra, annotations. Parameters: none.
-- Columns: those of GNPS of which something is known, by their names there; "#Scan#": the feature or scan of the query.
--   Times are in seconds, MZErrorPPM and MassDiff are without sign.
SELECT
    answered.native_id AS "#Scan#",
    answered.run_id AS "SpectrumFile",
    answered.library_native_id AS "SpectrumID",
    answered.name AS "Compound_Name",
    answered.adduct AS "Adduct",
    answered.library AS "LibraryName",
    answered.score AS "MQScore",
    answered.matched_peaks AS "SharedPeaks",
    abs(answered.ppm_error) AS "MZErrorPPM",
    abs(answered.library_precursor_mz - answered.precursor_mz) AS "MassDiff",
    answered.precursor_mz AS "SpecMZ",
    answered.library_precursor_mz AS "Precursor_MZ",
    q.charge AS "SpecCharge",
    l.charge AS "Charge",
    answered.retention_time_s AS "RT_Query",
    answered.ion_mode AS "IonMode",
    entry.monoisotopic_mass AS "ExactMass",
    answered.formula AS "molecular_formula",
    answered.smiles AS "Smiles",
    answered.inchikey AS "InChIKey",
    split_part(answered.inchikey, '-', 1) AS "InChIKey-Planar",
    l.instrument_type AS "Instrument",
    l.contributor AS "PI",
    answered.probability,
    answered.search_id,
    answered.query_id::VARCHAR AS query_id
FROM answered
INNER JOIN spectra AS q ON q.spectrum_id = answered.query_id
INNER JOIN spectra AS l ON l.spectrum_id = answered.library_spectrum_id
INNER JOIN annotations AS entry ON entry.spectrum_id = answered.library_spectrum_id
ORDER BY answered.run_id, answered.native_id, answered.search_id;
