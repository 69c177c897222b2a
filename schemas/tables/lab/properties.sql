-- Properties of the lab itself: one row per property.
-- Inputs: none. Parameters: none. Columns: name, value.
CREATE TABLE properties (
    name VARCHAR PRIMARY KEY,
    value VARCHAR NOT NULL
);
COMMENT ON TABLE properties IS
    'Properties of the lab: schema_version, created, spectradb_version, default_model; confident_rule where one was '
    'set';
COMMENT ON COLUMN properties.name IS 'Name of the property';
COMMENT ON COLUMN properties.value IS 'Its value as text';
