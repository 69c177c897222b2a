-- The spectra of a network as a graph's nodes: what each is, or may be related to, and its family.
--
-- Inputs: two relations: network_edges, as the macro network gives them; network_members, as network_families gives
--   them; spectra, runs, and what known_spectra reads.
-- Parameters: $collection; $search, NULL: the newest of the collection; $only_confident.
-- Columns: spectrum_id, native_id, run_id, sample_id, precursor_mz (m/z), charge, ion_mode, adduct, retention_time_s,
--   n_peaks, family_id, family_size, annotation ('record', 'identification', 'candidate' or NULL), analyte_id, name,
--   formula, smiles, answer_score, answer_probability (of what it is); neighbour_id, neighbour_name, neighbour_score,
--   neighbour_mz_difference, neighbour_modification (of what a candidate may be related to).
WITH known AS MATERIALIZED (
    FROM known_spectra($collection, search_name := $search, only_confident := $only_confident)
),
carried AS (
    SELECT * FROM neighbour_candidates('network_edges', 'known') WHERE place = 1
)
SELECT
    s.spectrum_id,
    s.native_id,
    s.run_id,
    runs.sample_id,
    s.precursor_mz,
    s.charge,
    s.ion_mode,
    s.adduct,
    s.retention_time_s,
    s.n_peaks,
    m.family_id,
    m.family_size,
    coalesce(known.basis, CASE WHEN carried.neighbour_id IS NOT NULL THEN 'candidate' END) AS annotation,
    known.analyte_id,
    known.name,
    known.formula,
    known.smiles,
    known.answer_score,
    known.answer_probability,
    carried.neighbour_id,
    carried.neighbour_name,
    carried.edge_score AS neighbour_score,
    carried.mz_difference AS neighbour_mz_difference,
    carried.modification AS neighbour_modification
FROM network_members AS m
INNER JOIN spectra AS s ON s.spectrum_id = m.spectrum_id
LEFT JOIN runs ON runs.run_id = s.run_id
LEFT JOIN known ON known.spectrum_id = s.spectrum_id
LEFT JOIN carried ON carried.spectrum_id = s.spectrum_id
ORDER BY m.family_size DESC, m.family_id, s.spectrum_id;
