-- The commonest precursor of each cluster of spectra: the m/z within 10 ppm of which most of its spectra lie. Clusters
-- are made by fragments, so that one can hold spectra of several precursors, and the spectrum nearest to its centre
-- need not be of the commonest.
-- Inputs: spectrum_codewords, spectra. Parameters: none. Columns: as selected.
CREATE OR REPLACE VIEW codeword_precursors AS
WITH near AS (
    SELECT
        c.codebook,
        c.codeword,
        s.precursor_mz,
        count(*) OVER (
            PARTITION BY c.codebook,
            c.codeword ORDER BY ln(s.precursor_mz) RANGE BETWEEN 1e-5 PRECEDING AND 1e-5 FOLLOWING
        ) AS n_near
    FROM spectrum_codewords AS c
    INNER JOIN spectra AS s ON s.spectrum_id = c.spectrum_id
)
SELECT codebook, codeword, n_spectra, -commonest.minus_mz AS precursor_mz, commonest.n AS n_at_mz
FROM (
    SELECT codebook, codeword, count(*) AS n_spectra, max({n: n_near, minus_mz: -precursor_mz}) AS commonest
    FROM near
    GROUP BY codebook, codeword
);
COMMENT ON VIEW codeword_precursors IS
    'The commonest precursor m/z of each cluster of spectra, and how many of its spectra have it';
COMMENT ON COLUMN codeword_precursors.codebook IS 'The codebook';
COMMENT ON COLUMN codeword_precursors.codeword IS 'The cluster of spectra';
COMMENT ON COLUMN codeword_precursors.n_spectra IS 'Spectra of the cluster';
COMMENT ON COLUMN codeword_precursors.precursor_mz IS
    'The precursor m/z within 10 ppm of which most of them lie; of equally common ones the smallest';
COMMENT ON COLUMN codeword_precursors.n_at_mz IS 'How many lie there';
