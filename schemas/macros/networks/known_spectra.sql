-- What the spectra of a collection are known to be: by their own records, else by their answers in a search.
--
-- Inputs: spectra, annotations, identifications, latest_searches.
-- Parameters: collection_name: name of the study or library; search_name: the search whose answers count, NULL: the
--   newest of the collection; only_confident: whether answers count only where they are confident by the lab's rule
--   (view confident_rule), which without a calibration may be none.
-- Columns: spectrum_id, analyte_id, name, formula, smiles, basis ('record' or 'identification'), answer_score,
--   answer_probability (NULL where the record says it).
CREATE OR REPLACE MACRO known_spectra(collection_name, search_name := NULL, only_confident := true) AS TABLE
WITH by_record AS (
    SELECT
        spectrum_id, analyte_id, name, formula, smiles, 'record' AS basis, NULL::FLOAT AS answer_score,
        NULL::DOUBLE AS answer_probability
    FROM annotations
    WHERE collection = collection_name AND analyte_id IS NOT NULL
),
by_search AS (
    SELECT
        query_id AS spectrum_id, analyte_id, coalesce(analyte_name, name) AS name, formula, smiles,
        'identification' AS basis, score AS answer_score, probability AS answer_probability
    FROM identifications
    WHERE study = collection_name
        AND search_id = coalesce(search_name, (SELECT search_id FROM latest_searches WHERE study = collection_name))
        AND (confident OR NOT only_confident)
)
FROM by_record
UNION ALL
FROM by_search
ANTI JOIN by_record USING (spectrum_id);
COMMENT ON MACRO TABLE known_spectra IS
    'What the spectra of a collection are known to be: spectrum_id, analyte_id, name, formula, smiles, basis (record '
    'or identification), answer_score, answer_probability';
