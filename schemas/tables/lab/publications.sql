-- Publications: one row per table of this file, with the state of the record it shows, and one for what stands around
-- the tables.
-- Inputs: none. Parameters: none. Columns: as commented below.
CREATE TABLE publications (
    table_name VARCHAR PRIMARY KEY,
    state VARCHAR NOT NULL,
    published TIMESTAMP NOT NULL,
    sources VARCHAR
);
COMMENT ON TABLE publications IS 'Which state of the record each table of this file shows';
COMMENT ON COLUMN publications.table_name IS
    'The table; or macros and views, or vectors: the views of collections as models see them';
COMMENT ON COLUMN publications.state IS
    'Hash of the SQL that fills the table and of the versions of the record that it was filled from';
COMMENT ON COLUMN publications.published IS 'When it was filled or changed, UTC';
COMMENT ON COLUMN publications.sources IS
    'Of a table, as JSON: those versions, and which parts of them it has; by this the next publication finds what '
    'changed';
