-- Welch's t test from means, variances and numbers of two samples, which need not have equal variances.
--
-- Inputs: student_t_p_one_sided. Parameters: mean, unbiased variance and number of values of each sample.
-- Columns: a struct with t (of the second sample minus the first), df (Welch-Satterthwaite), p_greater (one-sided: the
--   second mean is the greater one), p_two_sided; all NULL where a sample has fewer than 2 values or neither varies.
CREATE OR REPLACE MACRO welch_t(mean_a, variance_a, n_a, mean_b, variance_b, n_b) AS list_transform(
    list_transform(
        [{
            'difference': (mean_b - mean_a)::DOUBLE,
            'a': (variance_a / nullif(n_a, 0))::DOUBLE,
            'b': (variance_b / nullif(n_b, 0))::DOUBLE,
            'df_a': nullif(n_a - 1, 0),
            'df_b': nullif(n_b - 1, 0)
        }],
        lambda s: {
            't': s.difference / nullif(sqrt(s.a + s.b), 0),
            'df': (s.a + s.b) * (s.a + s.b) / nullif(s.a * s.a / s.df_a + s.b * s.b / s.df_b, 0)
        }
    ),
    lambda v: {
        't': v.t,
        'df': v.df,
        'p_greater': student_t_p_one_sided(v.t, v.df),
        'p_two_sided': 2 * student_t_p_one_sided(abs(v.t), v.df)
    }
)[1];
COMMENT ON MACRO welch_t IS
    'Welch''s t test of two samples given by mean, variance and number: t, degrees of freedom, p values';
