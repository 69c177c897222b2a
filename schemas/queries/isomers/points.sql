-- How many analytes and groups of isomers each method wins among all of them.
-- Inputs: isomer_accuracies, a relation with method and the columns of queries/isomers/members. Parameters: none.
-- Columns: those of isomer_scores.
FROM isomer_scores('isomer_accuracies')
ORDER BY points DESC, method;
