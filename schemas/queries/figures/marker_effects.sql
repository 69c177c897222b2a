-- How much and how surely each cluster of spectra differs between a group and the others.
-- Inputs: group_markers. Parameters: $study, $target, $group, $level, $codebook.
-- Columns: codeword, log2_fold, cliffs_delta, q_value, by codeword.
SELECT codeword, log2_fold, cliffs_delta, q_value
FROM group_markers
WHERE study = $study AND target = $target AND group_value = $group AND level = $level AND codebook = $codebook
ORDER BY codeword;
