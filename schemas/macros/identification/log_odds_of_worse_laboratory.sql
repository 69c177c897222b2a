-- The log odds that a hit is right where a laboratory is worse than most: what is left when nine of ten laboratories do
-- better.
--
-- Inputs: none.
-- Parameters: log_odds: those of a hit in the mean of laboratories; spread: standard deviation of log odds between
--   laboratories (calibrations.laboratory_spread).
-- Columns: none; the value is a DOUBLE.
--
-- If log odds vary between laboratories as a normal distribution of that spread, the mean of their probabilities has
-- log odds nearer to 0 than the laboratory in the middle has, by sqrt(1 + c^2 spread^2) with c = 16 sqrt(3) / (15 pi)
-- (Zeger, Liang and Albert, Biometrics 44, 1988, 1049); so the one in the middle is found, and 1.28 spreads below it
-- the one that nine of ten exceed.
CREATE OR REPLACE MACRO log_odds_of_worse_laboratory(log_odds, spread) AS
    log_odds * sqrt(1 + 0.34584 * spread * spread) - 1.2816 * spread;
COMMENT ON MACRO log_odds_of_worse_laboratory IS
    'Log odds that a hit is right in a laboratory that nine of ten exceed, from those of the mean laboratory and the '
    'spread between them';
