-- How much oftener than by chance the spectra of a study have a candidate in a library, as log odds: what a study
-- itself tells of how many of its answered spectra are of analytes that the library has.
--
-- Inputs: none.
-- Parameters: n_queries, n_answered: of the search; chance: how often they would have one by chance (searches.chance,
--   see chance_of_candidate).
-- Columns: none; the value is a DOUBLE.
--
-- If a share s of the spectra are of analytes in the library, n_answered / n_queries = s + (1 - s) * chance. Of those
-- answered the share s * n_queries / n_answered follows, held within .05 to .95, as though another twenty answered
-- spectra told one half. How far that can be relied on, calibrations learn from searches whose share is known.
CREATE OR REPLACE MACRO log_odds_above_chance(n_queries, n_answered, chance) AS
    ln(
        (
            10 + n_answered * greatest(
                least((n_answered / n_queries - chance) / greatest(1 - chance, 0.05) / (n_answered / n_queries), 0.95),
                0.05
            )
        )
        / (
            10 + n_answered * (
                1 - greatest(
                    least(
                        (n_answered / n_queries - chance) / greatest(1 - chance, 0.05) / (n_answered / n_queries), 0.95
                    ),
                    0.05
                )
            )
        )
    );
COMMENT ON MACRO log_odds_above_chance IS
    'Log odds that an answered spectrum of a study is of an analyte in the library, from how much oftener than by '
    'chance its spectra have candidates';
