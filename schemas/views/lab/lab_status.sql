-- The lab in one row: what it holds, what was never searched, and when it was published.
-- Inputs: libraries, studies, models, searches, latest_searches, properties, publications. Parameters: none. Columns:
--   as selected; one row.
CREATE OR REPLACE VIEW lab_status AS
SELECT
    (SELECT count(*) FROM libraries) AS n_libraries,
    (SELECT coalesce(sum(n_spectra), 0)::BIGINT FROM libraries) AS n_library_spectra,
    (SELECT count(*) FROM studies) AS n_studies,
    (SELECT coalesce(sum(n_spectra), 0)::BIGINT FROM studies) AS n_study_spectra,
    (SELECT count(*) FROM models) AS n_models,
    (SELECT value FROM properties WHERE name = 'default_model') AS default_model,
    (SELECT count(*) FROM searches WHERE finished IS NOT NULL) AS n_searches,
    (SELECT max(finished) FROM searches) AS last_search,
    (
        SELECT count(*)
        FROM studies
        ANTI JOIN latest_searches ON latest_searches.study = studies.name
    ) AS n_studies_never_searched,
    (SELECT count(*) FROM latest_searches WHERE is_stale) AS n_stale_searches,
    (SELECT max(published) FROM publications) AS published;
COMMENT ON VIEW lab_status IS 'The lab in one row: what it holds, what was never searched, and when it was published';
COMMENT ON COLUMN lab_status.n_libraries IS 'Libraries';
COMMENT ON COLUMN lab_status.n_library_spectra IS 'Their spectra';
COMMENT ON COLUMN lab_status.n_studies IS 'Studies';
COMMENT ON COLUMN lab_status.n_study_spectra IS 'Their spectra';
COMMENT ON COLUMN lab_status.n_models IS 'Models that embedded spectra of the lab';
COMMENT ON COLUMN lab_status.default_model IS 'The model that searches take by default; NULL: none';
COMMENT ON COLUMN lab_status.n_searches IS 'Finished searches';
COMMENT ON COLUMN lab_status.last_search IS 'When the last search ended, UTC; NULL before the first one';
COMMENT ON COLUMN lab_status.n_studies_never_searched IS 'Studies that no search named as its queries';
COMMENT ON COLUMN lab_status.n_stale_searches IS
    'Newest searches of studies that, or whose library, changed since: `spectradb reannotate` brings them up to date';
COMMENT ON COLUMN lab_status.published IS 'When something of this file changed last, UTC';
