-- Fill properties from the record.
-- Inputs: record_properties. Parameters: none. Columns: of properties.
INSERT INTO properties BY NAME SELECT * FROM record_properties ORDER BY name;
