-- Publications: one row per table of this file, with the version of the record it shows.
-- Inputs: none. Parameters: none. Columns: as commented below.
CREATE TABLE publications (
    table_name VARCHAR PRIMARY KEY,
    state VARCHAR NOT NULL,
    published TIMESTAMP NOT NULL
);
COMMENT ON TABLE publications IS 'Which state of the record each table of this file shows';
COMMENT ON COLUMN publications.table_name IS 'The table';
COMMENT ON COLUMN publications.state IS 'Hash of the versions of the record that the table was filled from';
COMMENT ON COLUMN publications.published IS 'When it was filled, UTC';
