-- The m/z by which neighbour_pairs shifts precursors: H2, CH2 and O, more and less.
-- Inputs: none. Parameters: none. Columns: none; the value is a list of DOUBLE.
CREATE OR REPLACE MACRO neighbour_shifts() AS [2.01565, -2.01565, 14.01565, -14.01565, 15.99491, -15.99491]::DOUBLE[];
COMMENT ON MACRO neighbour_shifts IS
    'Internal: the m/z by which precursors are shifted to find what a query cannot be: H2, CH2 and O, more and less';
