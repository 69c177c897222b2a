-- The step of 0.00001 Da in which a loss lies, as loss_index has them: what is in an earlier step is a smaller loss.
--
-- Inputs: none.
-- Parameters: loss: loss in Da.
-- Columns: none; the value is a BIGINT.
CREATE OR REPLACE MACRO loss_step(loss) AS floor(loss::DOUBLE * 1e5)::BIGINT;
COMMENT ON MACRO loss_step IS 'Internal: step of 0.00001 Da in which a loss lies, as loss_index has them';
