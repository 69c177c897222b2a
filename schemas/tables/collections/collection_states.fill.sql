-- Fill collection_states: of each collection one hash of the hashes of its spectra.
-- Inputs: spectra. Parameters: none. Columns: of collection_states.
-- The exclusive or of hashes is the same in any order, and no two spectra have one spectrum_id that could cancel out.
INSERT INTO collection_states BY NAME
SELECT
    collection,
    lower(lpad(to_hex(bit_xor(md5_number(
        concat_ws(
            '|',
            spectrum_id,
            coalesce(record_hash::VARCHAR, '-'),
            peaks_hash,
            precursor_mz,
            coalesce(precursor_mz_stated::VARCHAR, '-'),
            ion_mode,
            coalesce(analyte_id, '-'),
            coalesce(contributor, '-')
        )
    ))), 32, '0')) AS state,
    count(*) AS n_spectra
FROM spectra
GROUP BY collection
ORDER BY collection;
