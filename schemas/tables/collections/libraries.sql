-- Libraries: one row per library.
-- Inputs: none. Parameters: none. Columns: as commented below; those whose comment begins with "Computed" are not in
--   the record.
CREATE TABLE libraries (
    name VARCHAR PRIMARY KEY,
    origin VARCHAR,
    licence VARCHAR,
    peak_recipe VARCHAR NOT NULL,
    created TIMESTAMP NOT NULL,
    n_spectra BIGINT,
    n_analytes BIGINT,
    n_duplicates BIGINT
);
COMMENT ON TABLE libraries IS 'One library: a named collection of spectra';
COMMENT ON COLUMN libraries.name IS 'Name of the library; spectra.collection refers to it';
COMMENT ON COLUMN libraries.origin IS 'Where it comes from, as told at import';
COMMENT ON COLUMN libraries.licence IS
    'Licence of the whole, as told at import; spectra.source_license has the records'' own';
COMMENT ON COLUMN libraries.peak_recipe IS 'Name, version and settings of the peak cleaning, as JSON';
COMMENT ON COLUMN libraries.created IS 'Time of the first import, UTC';
COMMENT ON COLUMN libraries.n_spectra IS 'Computed when published: number of spectra';
COMMENT ON COLUMN libraries.n_analytes IS 'Computed when published: number of distinct analytes';
COMMENT ON COLUMN libraries.n_duplicates IS
    'Computed when published: number of spectra that duplicate another of the library';
