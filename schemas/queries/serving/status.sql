-- The lab in one row, as a server tells it.
-- Inputs: lab_status. Parameters: none. Columns: those of lab_status.
FROM lab_status;
