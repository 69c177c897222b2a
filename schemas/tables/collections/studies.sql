-- Studies: one row per study.
-- Inputs: none. Parameters: none. Columns: as commented below; those whose comment begins with "Computed" are not in
--   the record.
CREATE TABLE studies (
    name VARCHAR PRIMARY KEY,
    origin VARCHAR,
    licence VARCHAR,
    peak_recipe VARCHAR NOT NULL,
    created TIMESTAMP NOT NULL,
    n_spectra BIGINT,
    n_analytes BIGINT,
    n_duplicates BIGINT
);
COMMENT ON TABLE studies IS 'One study: a named collection of spectra';
COMMENT ON COLUMN studies.name IS 'Name of the study; spectra.collection refers to it';
COMMENT ON COLUMN studies.origin IS 'Where it comes from, as told at import';
COMMENT ON COLUMN studies.licence IS
    'Licence of the whole, as told at import; spectra.source_license has the records'' own';
COMMENT ON COLUMN studies.peak_recipe IS 'Name, version and settings of the peak cleaning, as JSON';
COMMENT ON COLUMN studies.created IS 'Time of the first import, UTC';
COMMENT ON COLUMN studies.n_spectra IS 'Computed when published: number of spectra';
COMMENT ON COLUMN studies.n_analytes IS 'Computed when published: number of distinct analytes';
COMMENT ON COLUMN studies.n_duplicates IS
    'Computed when published: number of spectra that duplicate another of the study';
