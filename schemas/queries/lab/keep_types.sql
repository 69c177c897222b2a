-- Whether Arrow tables made from now on name the engine's types that Arrow lacks, such as HUGEINT, so that none is
-- lost.
-- Inputs: none. Parameters: $kept. Columns: none.
SET arrow_lossless_conversion = $kept;
