-- What speaks for each candidate of a search: the rows of mzTab-M's section SME, but for what is the same in all.
-- Inputs: candidates, spectra, runs. Parameters: $search.
-- Columns: sme_id; query_id, run_number (of the runs by name; NULL: of no run), native_id, rank, and what the candidate
--   is; exp_mz and charge of the query, theoretical_mz of the library spectrum; score, probability.
SELECT
    row_number() OVER (ORDER BY found.run_id, found.query_id, found.rank) AS sme_id,
    found.query_id,
    CASE WHEN found.run_id IS NOT NULL THEN dense_rank() OVER (ORDER BY found.run_id NULLS LAST) END AS run_number,
    found.native_id,
    found.rank,
    found.analyte_id,
    found.library || ':' || found.library_native_id AS database_identifier,
    found.formula,
    found.smiles,
    found.name,
    found.adduct,
    found.precursor_mz AS exp_mz,
    coalesce(q.charge, l.charge) AS charge,
    found.library_precursor_mz AS theoretical_mz,
    found.retention_time_s,
    q.ms_level,
    found.score::DOUBLE AS score,
    found.probability,
    entry.monoisotopic_mass
FROM candidates AS found
INNER JOIN spectra AS q ON q.spectrum_id = found.query_id
INNER JOIN spectra AS l ON l.spectrum_id = found.library_spectrum_id
INNER JOIN annotations AS entry ON entry.spectrum_id = found.library_spectrum_id
WHERE found.search_id = $search
ORDER BY sme_id;
