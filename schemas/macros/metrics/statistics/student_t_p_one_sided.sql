-- The p value of a one-sided t test: the probability that Student's t with df degrees of freedom is at least t.
--
-- Inputs: regularised_incomplete_beta. Parameters: t; df > 0, which need not be whole. Columns: a scalar. For the other
--   side give -t; the two-sided p value is 2 * student_t_p_one_sided(abs(t), df).
--
-- P(T >= t) = I_x(df / 2, 1 / 2) / 2 with x = df / (df + t^2) for t >= 0 (Abramowitz and Stegun 26.7.1), which is
-- 1 / 2 - I_(1-x)(1 / 2, df / 2) / 2: the second form where t^2 < 1, since there x is too near 1, the first one in the
-- tails.
CREATE OR REPLACE MACRO student_t_p_one_sided(t, df) AS list_transform(
    [{'t': t::DOUBLE, 'df': df::DOUBLE}],
    lambda given: CASE
        WHEN given.t IS NULL OR given.df IS NULL THEN NULL
        WHEN given.t * given.t < 1
        THEN 0.5 - sign(given.t) * 0.5 * regularised_incomplete_beta(
            given.t * given.t / (given.df + given.t * given.t), 0.5, given.df / 2
        )
        ELSE CASE WHEN given.t < 0 THEN 1.0 ELSE 0.0 END + sign(given.t) * 0.5 * regularised_incomplete_beta(
            given.df / (given.df + given.t * given.t), given.df / 2, 0.5
        )
    END
)[1];
COMMENT ON MACRO student_t_p_one_sided IS 'Upper tail of Student''s t distribution: the p value of a one-sided t test';
