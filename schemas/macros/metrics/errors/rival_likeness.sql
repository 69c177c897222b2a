-- How alike the library's own spectra of the right analyte and of its strongest rival are: where two analytes have
-- spectra that are nearly the same, no score of spectra tells them apart for sure.
--
-- Inputs: search_truth, hits, spectra, vectors.<library>__<model>.
-- Parameters: search: a search_id; library: name of the library that it searched; model: whose vectors to compare
--   ('default': the lab's default model); truth: a relation as for search_truth.
-- Columns: query_id, analyte_id (the truth), rival_id (the best ranked other analyte: the answer, where that is wrong),
--   correct, likeness (highest inner product of a library spectrum of the one and one of the other, of the query's ion
--   mode, the query itself left out; NULL where one of them has no vector). Of queries whose analyte was in reach and
--   that had another candidate.
CREATE OR REPLACE MACRO rival_likeness(search, library, model := 'default', truth := 'known_analytes') AS TABLE
WITH judged AS MATERIALIZED (
    SELECT query_id, analyte_id, correct FROM search_truth(search, truth := truth) WHERE answerable
),
rivals AS MATERIALIZED (
    SELECT
        judged.query_id,
        any_value(judged.analyte_id) AS analyte_id,
        arg_min(hits.analyte_id, hits.rank) AS rival_id,
        any_value(judged.correct) AS correct,
        any_value(spectra.ion_mode) AS ion_mode
    FROM judged
    INNER JOIN hits ON hits.query_id = judged.query_id AND hits.analyte_id <> judged.analyte_id
    INNER JOIN spectra ON spectra.spectrum_id = judged.query_id
    WHERE hits.search_id = search
    GROUP BY judged.query_id
),
of_library AS MATERIALIZED (
    SELECT id, analyte_id, ion_mode, embedding
    FROM query_table('vectors.' || library || '__' || model)
    WHERE embedding IS NOT NULL
        AND (analyte_id IN (SELECT analyte_id FROM rivals) OR analyte_id IN (SELECT rival_id FROM rivals))
)
SELECT
    rivals.query_id,
    rivals.analyte_id,
    rivals.rival_id,
    rivals.correct,
    max(array_inner_product(own.embedding, other.embedding)) AS likeness
FROM rivals
LEFT JOIN of_library AS own
    ON own.analyte_id = rivals.analyte_id AND own.ion_mode = rivals.ion_mode AND own.id <> rivals.query_id
LEFT JOIN of_library AS other ON other.analyte_id = rivals.rival_id AND other.ion_mode = rivals.ion_mode
GROUP BY ALL
ORDER BY rivals.query_id;
COMMENT ON MACRO TABLE rival_likeness IS
    'How alike the library''s spectra of the right analyte and of its strongest rival are, query by query: what no '
    'score can tell apart';
