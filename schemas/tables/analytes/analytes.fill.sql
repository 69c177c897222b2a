-- Fill analytes: one structure stands for the stereoisomers, which MS/MS cannot tell apart, and everything but the name
-- is its own. It is the flat one, then that of the lowest PubChem CID, then of the first InChIKey; one with a structure
-- goes before a bare InChIKey. Records from before schema version 3 may mix labelled and charged forms: those stand
-- last. The name is the commonest plain one of all libraries. Where structures were placed among vectors, the analyte
-- has the place of the structure that stands for it.
-- Inputs: structures, analyte_names, structure_places (structure_id, structure_embedding_analogue).
--   Parameters: none. Columns: of analytes.
INSERT INTO analytes BY NAME
WITH names AS (
    SELECT analyte_id, arg_min(name, {'n': -n, 'length': length(name), 'name': name}) AS name
    FROM (
        SELECT
            analyte_id,
            lower(name) AS key,
            bool_or(is_plain) AS plain,
            arg_min(name, {'n': -n_spectra, 'name': name}) AS name,
            sum(n_spectra) AS n
        FROM analyte_names
        GROUP BY analyte_id, key
        QUALIFY plain = max(plain) OVER (PARTITION BY analyte_id)
    )
    GROUP BY analyte_id
)
SELECT
    structures.analyte_id,
    nullif(regexp_extract(structures.analyte_id, '^[A-Z]{14}'), '') AS inchikey_2d,
    names.name,
    smiles,
    inchikey,
    formula,
    monoisotopic_mass,
    coalesce(
        pubchem_cid,
        min(pubchem_cid) OVER (PARTITION BY structures.analyte_id, inchikey),
        min(pubchem_cid) OVER (PARTITION BY structures.analyte_id)
    ) AS pubchem_cid,
    count(DISTINCT inchikey) OVER (PARTITION BY structures.analyte_id) AS n_stereoisomers,
    structure_places.structure_embedding_analogue
FROM structures
LEFT JOIN names USING (analyte_id)
LEFT JOIN structure_places USING (structure_id)
QUALIFY
    row_number() OVER (
        PARTITION BY structures.analyte_id
        ORDER BY
            smiles IS NULL,
            formula IS NULL,
            regexp_matches(smiles, '\[[0-9]'),
            coalesce(right(inchikey, 1), 'N') <> 'N',
            regexp_matches(smiles, '[@/\\]'),
            pubchem_cid NULLS LAST,
            inchikey,
            structure_id
    ) = 1
ORDER BY structures.analyte_id;
