-- For each codeword: how many spectra of some runs or samples fall to it, and which of them is nearest to its centre,
-- those of a group first.
-- Inputs: compared_units (unit_id, in_group), spectrum_codewords, spectra, runs. Parameters: $codebook, $level.
-- Columns: codeword, n_spectra, spectrum_id. Codewords without a spectrum have no row.
SELECT
    a.codeword,
    count(*) AS n_spectra,
    min(
        {others: NOT u.in_group, minus_similarity: -a.similarity, spectrum_id: a.spectrum_id}
    ).spectrum_id AS spectrum_id
FROM spectrum_codewords AS a
INNER JOIN spectra AS s ON s.spectrum_id = a.spectrum_id
INNER JOIN runs AS r ON r.run_id = s.run_id
INNER JOIN compared_units AS u ON u.unit_id = CASE $level WHEN 'sample' THEN r.sample_id ELSE r.run_id END
WHERE a.codebook = $codebook
GROUP BY a.codeword
ORDER BY a.codeword;
