-- Fill mces; where a pair was computed twice in one way, the smaller distance stands.
-- Inputs: record_mces. Parameters: none. Columns: of mces.
INSERT INTO mces BY NAME
SELECT *
FROM record_mces
QUALIFY row_number() OVER (PARTITION BY analyte_a, analyte_b, threshold, solver ORDER BY distance, mode, seconds) = 1
ORDER BY analyte_a, analyte_b, threshold, solver;
