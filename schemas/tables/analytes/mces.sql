-- MCES distances: one row per pair of analytes, threshold and solver; filled for the pairs that searches confuse.
-- Inputs: none. Parameters: none. Columns: as commented below.
CREATE TABLE mces (
    analyte_a VARCHAR NOT NULL,
    analyte_b VARCHAR NOT NULL,
    distance DOUBLE NOT NULL,
    mode TINYINT NOT NULL,
    threshold DOUBLE NOT NULL,
    solver VARCHAR NOT NULL,
    seconds DOUBLE NOT NULL,
    myopic_mces_version VARCHAR NOT NULL
);
COMMENT ON TABLE mces IS 'Maximum common edge subgraph distance between two analytes';
COMMENT ON COLUMN mces.analyte_a IS 'The analyte that comes first in the alphabet';
COMMENT ON COLUMN mces.analyte_b IS 'The other one';
COMMENT ON COLUMN mces.distance IS
    'Bond orders to remove from both structures until they are equal; a lower bound where mode is not 1';
COMMENT ON COLUMN mces.mode IS
    '1: exact; 2, 4: a lower bound of at least the threshold; 6: a lower bound, no solution in time';
COMMENT ON COLUMN mces.threshold IS 'Distances above it were not computed exactly';
COMMENT ON COLUMN mces.solver IS 'The solver of integer linear programs';
COMMENT ON COLUMN mces.seconds IS 'Time it took';
COMMENT ON COLUMN mces.myopic_mces_version IS 'Version of myopic-mces that computed it';
