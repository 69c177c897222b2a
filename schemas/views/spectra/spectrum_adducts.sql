-- What adduct each spectrum of a study is, where spectra that elute with it say so: those whose pairs (macro
-- adduct_pairs, with its defaults) all agree.
-- Inputs: adduct_pairs. Parameters: none. Columns: as selected.
CREATE OR REPLACE VIEW spectrum_adducts AS
SELECT spectrum_id, any_value(adduct) AS adduct, count(*) AS n_partners
FROM adduct_pairs()
GROUP BY spectrum_id
HAVING count(DISTINCT adduct) = 1;
COMMENT ON VIEW spectrum_adducts IS
    'The adduct of a spectrum of a study as other spectra of its run tell it; no row where none does, or they disagree';
COMMENT ON COLUMN spectrum_adducts.spectrum_id IS 'The spectrum';
COMMENT ON COLUMN spectrum_adducts.adduct IS
    'Adduct such as [M+Na]+, told by a spectrum that elutes with it and fits as another adduct of the same neutral '
    'mass';
COMMENT ON COLUMN spectrum_adducts.n_partners IS 'Spectra that say so';
