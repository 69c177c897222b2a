-- The search that is meant where none is named: the newest finished one of each study. Searches of a collection against
-- itself, as `calibrate` makes them, are never meant, and those that `benchmark` made only where a study has no other.
-- Inputs: searches, collection_states. Parameters: none. Columns: those of searches, is_stale.
CREATE OR REPLACE VIEW latest_searches AS
SELECT
    *,
    study_state <> (SELECT state FROM collection_states WHERE collection = study)
    OR library_state <> (SELECT state FROM collection_states WHERE collection = library) AS is_stale
FROM searches
WHERE finished IS NOT NULL AND study <> library
QUALIFY row_number() OVER (
    PARTITION BY study ORDER BY starts_with(search_id, 'benchmark-'), finished DESC, search_id DESC
) = 1;
COMMENT ON VIEW latest_searches IS
    'The newest search of each study, which is meant where none is named; never one of a collection against itself, '
    'one of a benchmark only where there is no other';
COMMENT ON COLUMN latest_searches.search_id IS 'Name of the search';
COMMENT ON COLUMN latest_searches.study IS 'Where the queries come from';
COMMENT ON COLUMN latest_searches.library IS 'What they were compared with';
COMMENT ON COLUMN latest_searches.record_version IS 'Version of the record''s spectra that was searched';
COMMENT ON COLUMN latest_searches.study_state IS
    'State that the study was in, as in collection_states; NULL: not recorded';
COMMENT ON COLUMN latest_searches.library_state IS
    'State that the library was in, as in collection_states; NULL: not recorded';
COMMENT ON COLUMN latest_searches.method IS 'How pairs inside the precursor window were scored, as in searches';
COMMENT ON COLUMN latest_searches.model IS 'The model whose embeddings were compared; NULL for scores of peaks';
COMMENT ON COLUMN latest_searches.settings IS 'Settings of the method, as JSON; NULL for none';
COMMENT ON COLUMN latest_searches.left_out IS 'What queries were kept from, as in searches; NULL: nothing';
COMMENT ON COLUMN latest_searches.calibration_id IS
    'The calibration that probabilities and q-values come from; NULL: not calibrated';
COMMENT ON COLUMN latest_searches.ppm IS 'Half-width of the precursor window in ppm; NULL: an open search';
COMMENT ON COLUMN latest_searches.k IS 'Analytes kept per query';
COMMENT ON COLUMN latest_searches.fragment_tolerance_da IS 'Tolerance in Da for counting matched peaks';
COMMENT ON COLUMN latest_searches.n_queries IS 'Spectra of the study that were searched';
COMMENT ON COLUMN latest_searches.n_answered IS 'Those answered: with at least one library spectrum in the window';
COMMENT ON COLUMN latest_searches.carried_from IS
    'The search whose hits were carried over where nothing had changed; NULL: all were found anew';
COMMENT ON COLUMN latest_searches.n_carried IS 'Queries whose hits were carried over; NULL: none were to be';
COMMENT ON COLUMN latest_searches.is_stale IS
    'Whether spectra of study or library came, went or changed since; NULL: the search does not say what it compared';
COMMENT ON COLUMN latest_searches.chance IS
    'How often a query has a candidate by chance, as in searches; NULL where not calibrated';
COMMENT ON COLUMN latest_searches.started IS 'Start, UTC';
COMMENT ON COLUMN latest_searches.finished IS 'End, UTC';
COMMENT ON COLUMN latest_searches.spectradb_version IS 'Version of spectradb that ran it';
