-- The spectra nearest to the centre of a cluster, to see what a marker is made of, with what they were identified as.
--
-- Inputs: spectrum_codewords, spectra, latest_identifications. Parameters: codebook: name of the codebook; codeword:
--   the cluster; k: spectra.
-- Columns: spectrum_id, run_id, precursor_mz, retention_time_s, similarity (to the centre), analyte_id, name, score (of
--   the answer of the newest search of its study; NULL without one). Ties go to the smaller spectrum_id.
CREATE OR REPLACE MACRO marker_spectra(codebook, codeword, k := 5) AS TABLE
WITH nearest AS (
    SELECT a.spectrum_id, a.similarity
    FROM spectrum_codewords AS a
    WHERE a.codebook = codebook AND a.codeword = codeword
    QUALIFY row_number() OVER (ORDER BY a.similarity DESC, a.spectrum_id) <= k
)
SELECT
    n.spectrum_id, s.run_id, s.precursor_mz, s.retention_time_s, n.similarity, i.analyte_id, i.name, i.score
FROM nearest AS n
INNER JOIN spectra AS s ON s.spectrum_id = n.spectrum_id
LEFT JOIN latest_identifications AS i ON i.query_id = n.spectrum_id
ORDER BY n.similarity DESC, n.spectrum_id;
COMMENT ON MACRO TABLE marker_spectra IS
    'The spectra nearest to the centre of a cluster: spectrum_id, run_id, precursor_mz, retention_time_s, similarity, '
    'analyte_id, name, score';
