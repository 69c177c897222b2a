-- The pairs of a query and a library spectrum of known analyte that an identification compares.
--
-- Inputs: two relations, given by name, each with (id, precursor_mz DOUBLE, ion_mode, analyte_id, contributor,
--   peaks_hash) and any other columns.
-- Parameters: queries, library: names of the relations; ppm: half-width of the precursor window in ppm; left_out:
--   'contributor', 'copies' or NULL.
-- Columns: those of precursor_pairs.
--
-- With left_out := 'contributor', as when a library is tested on itself, no query meets itself, a spectrum of its own
-- contributor, or a copy of its peaks under any name. Spectra whose contributor is unknown (NULL) may all be of one
-- laboratory, and count so: they meet those of known contributors, and not each other. With left_out := 'copies' no
-- query meets itself or a copy of its peaks, as when a library may hold the spectra of a benchmark.
CREATE OR REPLACE MACRO candidate_pairs(queries, library, ppm := 10.0, left_out := NULL) AS TABLE
FROM precursor_pairs(queries, library, ppm := ppm)
WHERE library_analyte_id IS NOT NULL
    AND CASE
        WHEN left_out IS NULL THEN true
        WHEN left_out = 'contributor' THEN
            query_id <> library_id
            AND query_contributor IS DISTINCT FROM library_contributor
            AND query_peaks_hash <> library_peaks_hash
        WHEN left_out = 'copies' THEN query_id <> library_id AND query_peaks_hash <> library_peaks_hash
        ELSE error('left_out must be ''contributor'', ''copies'' or NULL')
    END;
COMMENT ON MACRO TABLE candidate_pairs IS
    'Every query/library pair within ppm that an identification compares; left_out := ''contributor'' spares spectra '
    'of one contributor, and copies';
