-- Pairs of spectra that are nearly the same and are said to be different analytes: within a collection, or across two.
--
-- Inputs: vectors.<collection>__<model> and vectors.<other>__<model>; annotations.
-- Parameters: collection, other: names of libraries or studies, which may be the same; min_score: least inner product;
--   ppm: how far the precursors may be apart, in ppm; model: whose vectors to compare ('default': the lab's default
--   model).
-- Columns: spectrum_id, other_spectrum_id, score, ppm_error, analyte_id, other_analyte_id, name, other_name,
--   same_formula (whether they are isomers, as leucine and isoleucine are, whose spectra may be alike by right). A pair
--   within one collection comes once. Most alike first.
CREATE OR REPLACE MACRO contradicting_pairs(
    collection, other, min_score := 0.99, ppm := 10.0, model := 'default'
) AS TABLE
SELECT
    p.query_id AS spectrum_id,
    p.library_id AS other_spectrum_id,
    least(p.score, 1)::FLOAT AS score,
    p.ppm_error,
    a.analyte_id,
    b.analyte_id AS other_analyte_id,
    a.name,
    b.name AS other_name,
    a.formula = b.formula AS same_formula
FROM similarity_pairs('vectors.' || collection || '__' || model, 'vectors.' || other || '__' || model, ppm := ppm) AS p
INNER JOIN annotations AS a ON a.spectrum_id = p.query_id
INNER JOIN annotations AS b ON b.spectrum_id = p.library_id
WHERE p.score::DOUBLE >= min_score
    AND a.analyte_id <> b.analyte_id
    AND (collection <> other OR p.query_id < p.library_id)
ORDER BY score DESC, spectrum_id, other_spectrum_id;
COMMENT ON MACRO TABLE contradicting_pairs IS
    'Pairs of nearly equal spectra under different analytes: spectrum_id, other_spectrum_id, score, ppm_error, '
    'analyte_id, other_analyte_id, name, other_name, same_formula';
