-- The spectra of a relation as the queries of a search: at the precursor m/z that their source states.
--
-- Inputs: a relation, given by name, with (precursor_mz, precursor_mz_stated) and any other columns, such as a view of
--   vectors.
-- Parameters: spectra_of: name of the relation.
-- Columns: those of the relation; precursor_mz is precursor_mz_stated where that is known.
--
-- Where a library's stated precursor disagrees with structure and adduct, its spectrum is searched at the computed one.
-- As a query of a library that is tested on itself it must not be: the computed one tells the answer.
CREATE OR REPLACE MACRO query_spectra(spectra_of) AS TABLE
SELECT * REPLACE (coalesce(precursor_mz_stated, precursor_mz) AS precursor_mz)
FROM query_table(spectra_of);
COMMENT ON MACRO TABLE query_spectra IS
    'Internal: the spectra of a relation as queries: its columns, with precursor_mz as the source states it, where it '
    'does';
