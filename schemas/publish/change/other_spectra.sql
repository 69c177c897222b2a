-- The spectra of which anything but peaks and vectors changes: as they were and as they will be. A spectrum that only
-- gets its vector is not among them.
-- Inputs: spectra, coming_spectra, going_spectra. Parameters: none. Columns: of spectra, without peaks, vectors and
--   duplicate_of.
CREATE OR REPLACE TEMP TABLE other_spectra AS
WITH before AS (
    SELECT COLUMNS(lambda c: c NOT IN ('mz', 'intensity', 'duplicate_of') AND NOT starts_with(c, 'embedding_'))
    FROM spectra
    SEMI JOIN going_spectra USING (spectrum_id)
),
after AS (
    SELECT * EXCLUDE (is_finished) FROM coming_spectra WHERE is_finished
)
(
    FROM before
    EXCEPT ALL
    FROM after
)
UNION ALL
(
    FROM after
    EXCEPT ALL
    FROM before
);
