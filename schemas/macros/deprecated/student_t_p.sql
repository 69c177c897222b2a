-- student_t_p_one_sided by its former name.
-- Inputs: student_t_p_one_sided. Parameters: those of student_t_p_one_sided. Columns: those of student_t_p_one_sided.
CREATE OR REPLACE MACRO student_t_p(t, df) AS student_t_p_one_sided(t, df);
COMMENT ON MACRO student_t_p IS 'Deprecated: call student_t_p_one_sided';
