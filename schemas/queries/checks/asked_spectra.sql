-- Ion mode and precursor of the spectra that a search asks about.
-- Inputs: collection_queries. Parameters: $study; $contributors (whose spectra; NULL: all). Columns: ion_mode,
--   precursor_mz.
SELECT ion_mode, precursor_mz FROM collection_queries($study, contributors := $contributors::VARCHAR[]);
