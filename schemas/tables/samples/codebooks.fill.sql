-- Fill codebooks with the latest of each name.
-- By rank, not by max: of that the engine makes a second scan, and the record's rows come once.
-- Inputs: record_codebooks. Parameters: none. Columns: of codebooks.
INSERT INTO codebooks BY NAME
SELECT *
FROM record_codebooks
QUALIFY rank() OVER (PARTITION BY codebook ORDER BY created DESC) = 1
ORDER BY codebook, codeword;
