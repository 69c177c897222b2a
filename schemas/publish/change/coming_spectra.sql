-- The spectra of parts of the record that are new or changed, without peaks and vectors: those that count are published
-- in a moment.
-- Inputs: record_spectra (those parts), imports. Parameters: none. Columns: of record_spectra; is_finished.
CREATE OR REPLACE TEMP TABLE coming_spectra AS
SELECT record_spectra.*, import_id IN (SELECT import_id FROM imports) AS is_finished
FROM record_spectra;
