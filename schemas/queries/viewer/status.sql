-- What a lab is: what it holds, and which rule makes its answers confident. The first screen waits for it: unlike
-- lab_status it looks only at tables of few rows, and for nothing that changed since.
-- Inputs: libraries, studies, searches, publications, confident_rule, properties. Parameters: none.
-- Columns: n_libraries, n_library_spectra, n_studies, n_study_spectra, n_searches, published, as in lab_status;
--   confident_rule, in words; spectradb_version, which published it (NULL: not recorded).
SELECT
    (SELECT count(*) FROM libraries) AS n_libraries,
    (SELECT coalesce(sum(n_spectra), 0)::BIGINT FROM libraries) AS n_library_spectra,
    (SELECT count(*) FROM studies) AS n_studies,
    (SELECT coalesce(sum(n_spectra), 0)::BIGINT FROM studies) AS n_study_spectra,
    (SELECT count(*) FROM searches WHERE finished IS NOT NULL) AS n_searches,
    (SELECT max(published) FROM publications) AS published,
    (SELECT rule FROM confident_rule) AS confident_rule,
    (SELECT value FROM properties WHERE name = 'spectradb_version') AS spectradb_version;
