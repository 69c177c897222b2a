-- Fill spectrum_codewords with the assignments by the published codebooks. Spectra that an import has taken back are
-- left out.
-- Inputs: record_spectrum_codewords, codebooks, spectra. Parameters: none. Columns: of spectrum_codewords.
INSERT INTO spectrum_codewords BY NAME
SELECT assigned.*
FROM record_spectrum_codewords AS assigned
SEMI JOIN codebooks ON codebooks.codebook = assigned.codebook AND codebooks.created = assigned.created
SEMI JOIN spectra ON spectra.spectrum_id = assigned.spectrum_id
ORDER BY codebook, spectrum_id;
