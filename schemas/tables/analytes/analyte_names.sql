-- Analyte names: what the records of each library call an analyte; computed from spectra and structures when published.
-- Inputs: none. Parameters: none. Columns: as commented below.
CREATE TABLE analyte_names (
    collection VARCHAR NOT NULL,
    analyte_id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    n_spectra BIGINT NOT NULL,
    is_plain BOOLEAN NOT NULL,
    place INTEGER NOT NULL
);
COMMENT ON TABLE analyte_names IS 'Computed when published: a name that a library gives an analyte; studies name none';
COMMENT ON COLUMN analyte_names.collection IS 'The library';
COMMENT ON COLUMN analyte_names.analyte_id IS 'The analyte';
COMMENT ON COLUMN analyte_names.name IS
    'The name; spellings that differ in case are one, in the spelling of most records';
COMMENT ON COLUMN analyte_names.n_spectra IS
    'Spectra of the library whose records say so; 0 where they were imported before schema version 3';
COMMENT ON COLUMN analyte_names.is_plain IS
    'Whether it is the plain name: of no salt unless the analyte is one, with its isotope label if the analyte has '
    'one, without remarks, no number of a list';
COMMENT ON COLUMN analyte_names.place IS
    '1: the name that stands for the analyte in this library: plain, then of most spectra, then the shortest, then '
    'the first by alphabet';
