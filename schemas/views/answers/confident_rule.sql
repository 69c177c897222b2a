-- The rule by which an answer is called confident, as numbers: one row. It is the property confident_rule, which
-- `spectradb confident` sets; without that property a calibrated probability of at least 0.9. Every condition that the
-- rule states has to be met; those that it does not state are NULL.
-- Inputs: properties. Parameters: none. Columns: as selected.
CREATE OR REPLACE VIEW confident_rule AS
WITH stated AS (
    SELECT coalesce((SELECT value FROM properties WHERE name = 'confident_rule'), 'probability >= 0.9') AS rule
)
SELECT
    rule,
    nullif(regexp_extract(rule, 'probability >= (\S+)', 1), '')::DOUBLE AS least_probability,
    nullif(regexp_extract(rule, 'q_value <= (\S+)', 1), '')::DOUBLE AS most_q_value,
    nullif(regexp_extract(rule, 'score >= (\S+)', 1), '')::DOUBLE AS least_score,
    nullif(regexp_extract(rule, 'score_gap >= (\S+)', 1), '')::DOUBLE AS least_score_gap,
    nullif(regexp_extract(rule, 'matched_peaks >= (\S+)', 1), '')::DOUBLE AS least_matched_peaks,
    contains(rule, 'not ambiguous') AS without_ambiguous
FROM stated;
COMMENT ON VIEW confident_rule IS
    'The rule by which an answer is called confident: one row, NULL where the rule does not ask';
COMMENT ON COLUMN confident_rule.rule IS
    'The rule in words, conditions joined by "and"; from the property confident_rule, else probability >= 0.9';
COMMENT ON COLUMN confident_rule.least_probability IS 'Least calibrated probability';
COMMENT ON COLUMN confident_rule.most_q_value IS 'Greatest q-value';
COMMENT ON COLUMN confident_rule.least_score IS 'Least score';
COMMENT ON COLUMN confident_rule.least_score_gap IS
    'Least distance to the score of the next analyte; an answer without a next analyte has it';
COMMENT ON COLUMN confident_rule.least_matched_peaks IS 'Least number of matched peaks';
COMMENT ON COLUMN confident_rule.without_ambiguous IS 'Whether ambiguous answers are none';
