-- The states that a search compares.
-- Inputs: collection_states. Parameters: $study, $library. Columns: study_state, library_state (NULL: no spectra).
SELECT
    (SELECT state FROM collection_states WHERE collection = $study) AS study_state,
    (SELECT state FROM collection_states WHERE collection = $library) AS library_state;
