-- Differences of mass that metabolites of one family often have, with what they mean: what the edges of networks are
-- named by. Inputs: none. Parameters: none. Columns: as selected.
--
-- Masses are monoisotopic, of the formula by the atomic masses of AME 2020; of the gain less the loss. Differences of
-- adducts and isotopes are there too, because a network does not tell them from chemistry.
CREATE OR REPLACE VIEW common_modifications AS
FROM (
    VALUES
    ('isotope', '13C isotope', '[13C]', 'C', 1.003355::DOUBLE),
    ('reaction', 'hydrogenation', 'H2', '', 2.015650),
    ('reaction', 'oxidation to a ketone (CH2 to CO)', 'O', 'H2', 13.979265),
    ('reaction', 'methylation or CH2 homologue', 'CH2', '', 14.015650),
    ('reaction', 'hydroxylation', 'O', '', 15.994915),
    ('reaction', 'ammonia, or [M+NH4]+ for [M+H]+', 'NH3', '', 17.026549),
    ('reaction', 'water', 'H2O', '', 18.010565),
    ('adduct', 'sodium for a proton', 'Na', 'H', 21.981944),
    ('reaction', 'carbon monoxide, formylation', 'CO', '', 27.994915),
    ('reaction', 'ethylation or two CH2', 'C2H4', '', 28.031300),
    ('reaction', 'methoxylation', 'CH2O', '', 30.010565),
    ('reaction', 'two oxygens', 'O2', '', 31.989829),
    ('reaction', 'methanol', 'CH4O', '', 32.026215),
    ('reaction', 'chlorination', 'Cl', 'H', 33.961028),
    ('adduct', 'potassium for a proton', 'K', 'H', 37.955882),
    ('reaction', 'acetylation', 'C2H2O', '', 42.010565),
    ('reaction', 'propylation or three CH2', 'C3H6', '', 42.046950),
    ('reaction', 'carboxylation', 'CO2', '', 43.989829),
    ('adduct', 'formic acid', 'CH2O2', '', 46.005479),
    ('reaction', 'butylation or four CH2', 'C4H8', '', 56.062600),
    ('reaction', 'glycine conjugation', 'C2H3NO', '', 57.021464),
    ('adduct', 'acetic acid', 'C2H4O2', '', 60.021129),
    ('reaction', 'prenylation', 'C5H8', '', 68.062600),
    ('reaction', 'alanine conjugation', 'C3H5NO', '', 71.037114),
    ('reaction', 'sulfation', 'SO3', '', 79.956815),
    ('reaction', 'phosphorylation', 'HPO3', '', 79.966331),
    ('reaction', 'malonylation', 'C3H2O3', '', 86.000394),
    ('reaction', 'taurine conjugation', 'C2H5NO2S', '', 107.004099),
    ('reaction', 'pentose', 'C5H8O4', '', 132.042259),
    ('reaction', 'coumaroylation', 'C9H6O2', '', 146.036779),
    ('reaction', 'deoxyhexose', 'C6H10O4', '', 146.057909),
    ('reaction', 'galloylation', 'C7H4O4', '', 152.010959),
    ('reaction', 'caffeoylation', 'C9H6O3', '', 162.031694),
    ('reaction', 'hexose', 'C6H10O5', '', 162.052824),
    ('reaction', 'glucuronidation', 'C6H8O6', '', 176.032088),
    ('reaction', 'feruloylation', 'C10H8O3', '', 176.047344),
    ('reaction', 'glutathione', 'C10H17N3O6S', '', 307.083806),
    ('reaction', 'two hexoses', 'C12H20O10', '', 324.105647)
) AS known (kind, modification, gain, loss, mass_difference);
COMMENT ON VIEW common_modifications IS
    'Differences of mass that related compounds often have, by name: what edges of networks are named by';
COMMENT ON COLUMN common_modifications.kind IS 'reaction, adduct or isotope';
COMMENT ON COLUMN common_modifications.modification IS 'What the heavier has beside the lighter';
COMMENT ON COLUMN common_modifications.gain IS 'Formula that it has more';
COMMENT ON COLUMN common_modifications.loss IS 'Formula that it has less; empty for none';
COMMENT ON COLUMN common_modifications.mass_difference IS 'Difference of the monoisotopic masses in Da';
