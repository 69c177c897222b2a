-- gap_closed by its former name.
-- Inputs: gap_closed. Parameters: those of gap_closed. Columns: those of gap_closed.
CREATE OR REPLACE MACRO share_of_remaining_closed(search, baseline, at_k := 1, truth := 'known_analytes') AS TABLE
FROM gap_closed(search, baseline, at_k := at_k, truth := truth);
COMMENT ON MACRO TABLE share_of_remaining_closed IS 'Deprecated: call gap_closed';
