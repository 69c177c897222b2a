-- What a library's candidates are found and told by, in one text: another one where anything of it has changed, so that
-- what was read of it before serves no more.
-- Inputs: spectra, annotations, models. Parameters: $library; $model, one that the lab has vectors of.
-- Columns: digest. Vectors follow from peaks and the model's version; those that are missing are counted, and
--   statistics tell where there are none, so that no vector is read.
SELECT
    (
        SELECT {n: count(*), spectra: bit_xor(hash(spectrum_id, precursor_mz, precursor_source, ion_mode, peaks_hash))}
        FROM spectra
        WHERE collection = $library
    )::VARCHAR
    || (SELECT bit_xor(hash(entry)) FROM annotations AS entry WHERE collection = $library)::VARCHAR
    || (
        SELECT count(*)
        FROM spectra
        WHERE collection = $library AND COLUMNS('^embedding_' || $model || '$') IS NULL
    )::VARCHAR
    || (SELECT fingerprint FROM models WHERE name = $model) AS digest;
