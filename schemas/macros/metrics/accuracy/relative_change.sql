-- How much larger a value is than another, as a share of the other.
--
-- Inputs: none. Parameters: value, baseline. Columns: a scalar: value / baseline - 1; NULL when the baseline is 0.
CREATE OR REPLACE MACRO relative_change(value, baseline) AS value / nullif(baseline, 0) - 1;
COMMENT ON MACRO relative_change IS 'Relative change from a baseline to a value: 0.5 is half as much again';
