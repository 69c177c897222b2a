-- Fill analyte_names with what the records of libraries call their analytes. Spectra imported before schema version 3
-- do not know which name was theirs: the names of their analyte's structures count 0.
-- Inputs: spectra, structures, imports. Parameters: none. Columns: of analyte_names.
INSERT INTO analyte_names BY NAME
WITH of_libraries AS (
    SELECT collection, analyte_id, name, structure_id
    FROM spectra
    SEMI JOIN (FROM imports WHERE kind = 'library') AS finished USING (import_id)
    WHERE analyte_id IS NOT NULL
),
given AS (
    SELECT collection, analyte_id, name, count(*) AS n FROM of_libraries WHERE name IS NOT NULL GROUP BY ALL
    UNION ALL
    SELECT DISTINCT of_libraries.collection, analyte_id, structures.name, 0
    FROM of_libraries
    INNER JOIN structures USING (analyte_id)
    WHERE of_libraries.structure_id IS NULL AND structures.name IS NOT NULL
),
salts AS (
    SELECT DISTINCT analyte_id FROM structures WHERE contains(smiles, '.')
),
spelled AS (
    SELECT
        collection,
        analyte_id,
        lower(given.name) AS key,
        arg_min(given.name, {'n': -n, 'capitals': given.name = upper(given.name), 'spelling': given.name}) AS name,
        sum(n) AS n_spectra
    FROM given
    GROUP BY ALL
),
judged AS (
    SELECT
        spelled.*,
        (
            -- salts by their second word
            salts.analyte_id IS NOT NULL
            OR NOT regexp_matches(
                key,
                '[ -]((di|tri|hemi|mono|bi)?(hydrochloride|hydrobromide|hydroiodide|hydrate|sodium|potassium)'
                || '|hcl|chloride|bromide|iodide|maleate|fumarate|mesylate|besylate|tosylate|(bi)?tartrate|calcium'
                || '|lithium|ammonium|salt)\b'
            )
        )
        -- labelled analytes are called so: caffeine-d9, AA-[d8], [13C6]glucose; SM d42:1 and vitamin D2 are no labels
        AND regexp_matches(spelled.analyte_id, '^[A-Z]{14}-([A-Z]{8}|[0-9a-z])') = (
            regexp_matches(name, '([- (\[]|^)\[?d[0-9]{1,2}([\])]|-|$)')
            OR regexp_matches(name, '[-(\[]D[0-9]{1,2}[\])]?$')
            OR regexp_matches(name, '(13C|14C|15N|18O|34S)([^a-z]|$)|[(\[][0-9,'']*(2H|3H|D)[0-9]*[\])]')
            OR regexp_matches(key, 'deuter|label')
        )
        -- remarks, and what is a number in somebody's list
        AND NOT regexp_matches(key, '\((isomer|mixture|mix of|not )|\bstandard$|\bisomer of\b')
        AND NOT regexp_matches(name, '^[A-Z]{2,}[A-Z0-9]*[-_: ]?[0-9]{4,}')
        AS is_plain
    FROM spelled
    LEFT JOIN salts ON salts.analyte_id = spelled.analyte_id
)
SELECT
    collection,
    analyte_id,
    name,
    n_spectra,
    is_plain,
    row_number() OVER (
        PARTITION BY collection, analyte_id ORDER BY is_plain DESC, n_spectra DESC, length(name), key
    ) AS place
FROM judged
ORDER BY collection, analyte_id, place;
