-- Calibrations: one row per fit of how far the scores of a kind of search can be trusted.
-- Inputs: none. Parameters: none. Columns: as commented below.
CREATE TABLE calibrations (
    calibration_id VARCHAR PRIMARY KEY,
    library VARCHAR NOT NULL,
    method VARCHAR NOT NULL,
    model VARCHAR,
    model_fingerprint VARCHAR,
    settings VARCHAR,
    ppm DOUBLE NOT NULL,
    fragment_tolerance_da DOUBLE NOT NULL,
    search_id VARCHAR NOT NULL,
    contributors VARCHAR[] NOT NULL,
    n_queries BIGINT NOT NULL,
    n_right BIGINT NOT NULL,
    answerable DOUBLE,
    answerable_found DOUBLE NOT NULL,
    terms VARCHAR[] NOT NULL,
    coefficients DOUBLE[] NOT NULL,
    laboratory_spread DOUBLE,
    chance_coefficients DOUBLE[],
    n_close BIGINT NOT NULL,
    gap_coefficient DOUBLE,
    ambiguous_odds DOUBLE NOT NULL,
    ambiguous_gap DOUBLE,
    created TIMESTAMP NOT NULL,
    spectradb_version VARCHAR NOT NULL
);
COMMENT ON TABLE calibrations IS
    'How far scores can be trusted, fitted on a library searched against itself with each query''s contributor left '
    'out';
COMMENT ON COLUMN calibrations.calibration_id IS 'Name of the calibration';
COMMENT ON COLUMN calibrations.library IS
    'The library; searches against it by the same method and settings use the latest such calibration';
COMMENT ON COLUMN calibrations.method IS 'How pairs were scored, as in searches';
COMMENT ON COLUMN calibrations.model IS 'The model whose embeddings were compared; NULL for scores of peaks';
COMMENT ON COLUMN calibrations.model_fingerprint IS
    'Which version of that model, as in models; NULL for scores of peaks';
COMMENT ON COLUMN calibrations.settings IS 'Settings of the method, as JSON; NULL for none';
COMMENT ON COLUMN calibrations.ppm IS 'Half-width of the precursor window, in ppm of the query''s precursor m/z';
COMMENT ON COLUMN calibrations.fragment_tolerance_da IS 'Tolerance in Da for counting matched peaks';
COMMENT ON COLUMN calibrations.search_id IS 'The search of the library against itself that it was fitted on';
COMMENT ON COLUMN calibrations.contributors IS
    'Contributors whose spectra were the queries; NULL among them: spectra without one';
COMMENT ON COLUMN calibrations.n_queries IS 'Queries with a candidate, on which it was fitted';
COMMENT ON COLUMN calibrations.n_right IS 'Those whose first candidate was right';
COMMENT ON COLUMN calibrations.answerable IS
    'The share of queries with a candidate whose right analyte is within reach that probabilities assume; NULL: '
    'estimated from each study';
COMMENT ON COLUMN calibrations.answerable_found IS
    'That share in the library itself, each contributor left out, as weighted in the fit';
COMMENT ON COLUMN calibrations.terms IS 'Names of the terms of the log odds, in the order of the macro hit_terms';
COMMENT ON COLUMN calibrations.coefficients IS 'Their coefficients';
COMMENT ON COLUMN calibrations.laboratory_spread IS
    'Standard deviation between laboratories of the log odds that a hit is right: how far a laboratory''s hits may be '
    'worse than these coefficients say; NULL in calibrations of earlier versions';
COMMENT ON COLUMN calibrations.chance_coefficients IS
    'Intercept and slope of the log odds of a candidate by chance, see chance_of_candidate; NULL in calibrations of '
    'earlier versions';
COMMENT ON COLUMN calibrations.n_close IS
    'Queries whose right analyte came first or second of several, on which gap_coefficient was fitted';
COMMENT ON COLUMN calibrations.gap_coefficient IS
    'c in odds = exp(c * sqrt(score_gap)), the odds of the first candidate against the second; NULL when there was '
    'nothing to fit';
COMMENT ON COLUMN calibrations.ambiguous_odds IS
    'Odds of the first candidate against the second below which an identification is ambiguous';
COMMENT ON COLUMN calibrations.ambiguous_gap IS 'The score gap at those odds; NULL when there was nothing to fit';
COMMENT ON COLUMN calibrations.created IS 'When it was fitted, UTC';
COMMENT ON COLUMN calibrations.spectradb_version IS 'Version of spectradb that fitted it';
