-- What the spectra of each marker, a cluster that is commoner in a group than elsewhere, were identified as by the
-- newest search of the study: up to five analytes a marker.
-- For another search there is the macro marker_answers.
-- Inputs: marker_answers. Parameters: none. Columns: as selected.
CREATE OR REPLACE VIEW marker_identifications AS
SELECT
    study, target, group_value, level, codebook, codeword, log2_fold, cliffs_delta, q_value, weight,
    search_id, place, analyte_id, name, n_spectra, n_cluster, names_cluster, n_confident,
    best_score, adduct, ppm_error, probability, n_agree, n_contradict
FROM marker_answers();
COMMENT ON VIEW marker_identifications IS
    'What the spectra of each marker were identified as by the newest search of the study: the most frequent '
    'analytes, and what co-eluting adducts say of them';
COMMENT ON COLUMN marker_identifications.study IS 'Name of the study';
COMMENT ON COLUMN marker_identifications.target IS
    'Column of the sample table that makes the groups, or a condition on it such as tomato>0';
COMMENT ON COLUMN marker_identifications.group_value IS 'The group that is compared with all others';
COMMENT ON COLUMN marker_identifications.level IS 'run or sample';
COMMENT ON COLUMN marker_identifications.codebook IS 'The codebook';
COMMENT ON COLUMN marker_identifications.codeword IS 'The cluster of spectra';
COMMENT ON COLUMN marker_identifications.log2_fold IS 'log2 of its share of spectra in the group to that in the others';
COMMENT ON COLUMN marker_identifications.cliffs_delta IS
    'Cliff''s delta, -1 to 1: how much more often the share is higher in the group than lower';
COMMENT ON COLUMN marker_identifications.q_value IS
    'Benjamini-Hochberg false discovery rate of the difference over the clusters of the comparison';
COMMENT ON COLUMN marker_identifications.weight IS
    'Weight of the cluster in a logistic regression of the group, as in group_markers';
COMMENT ON COLUMN marker_identifications.search_id IS 'The search: the newest of the study';
COMMENT ON COLUMN marker_identifications.place IS
    'Place of the analyte among the answers of this search to the marker, from 1';
COMMENT ON COLUMN marker_identifications.analyte_id IS 'The analyte';
COMMENT ON COLUMN marker_identifications.name IS 'Commonest plain name of the analyte in the library';
COMMENT ON COLUMN marker_identifications.n_spectra IS 'Spectra of the cluster whose best answer it is';
COMMENT ON COLUMN marker_identifications.n_cluster IS 'All spectra of the cluster';
COMMENT ON COLUMN marker_identifications.names_cluster IS
    'Whether the cluster is named so: it is the answer of at least half of all spectra of the cluster, and adducts '
    'that elute with them do not speak against it';
COMMENT ON COLUMN marker_identifications.n_confident IS
    'Of these answers those that are confident by the rule of the view confident_rule; NULL where the rule cannot be '
    'applied to the search';
COMMENT ON COLUMN marker_identifications.best_score IS 'Best score of these answers';
COMMENT ON COLUMN marker_identifications.adduct IS 'Adduct of the library spectrum of that answer';
COMMENT ON COLUMN marker_identifications.ppm_error IS 'Its precursor minus that of the query, in ppm';
COMMENT ON COLUMN marker_identifications.probability IS
    'Its calibrated probability to be right; NULL where the search was not calibrated';
COMMENT ON COLUMN marker_identifications.n_agree IS
    'Answers with the adduct that spectra eluting with the query tell (view spectrum_adducts)';
COMMENT ON COLUMN marker_identifications.n_contradict IS
    'Answers with another adduct than they tell: more likely wrong';
