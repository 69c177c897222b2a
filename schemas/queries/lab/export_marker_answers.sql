-- The markers of a study as one search names them.
-- Inputs: marker_answers. Parameters: $search, a search_id (NULL: the newest of each study). Columns: of
--   marker_answers.
FROM marker_answers($search) ORDER BY study, target, group_value, level, codebook, codeword, place;
