-- How often each fragment and each neutral loss occurs in a run or sample: the bag of peaks and losses of MEMO (Gaudry
-- et al., MEMO: Mass Spectrometry-Based Sample Vectorization to Explore Chemodiverse Datasets, Frontiers in
-- Bioinformatics 2, 842964, 2022), which needs neither a model nor retention times.
--
-- Inputs: spectra, runs; blank_spectra (vectors.<study>__<model>) when blanks are subtracted.
-- Parameters: study: name of the study; level: run or sample (runs without a sample are then left
--   out); min_relative_intensity: peaks below this share of the base peak are not counted; min_peaks: spectra that keep
--   fewer are not counted; losses_from, losses_to: losses (precursor minus peak, in Da) counted, both included;
--   decimals: of a word; subtract_blanks, model: leave out what blank_spectra finds. The defaults of intensity, peaks,
--   losses and decimals are those of memo-ms 0.1.4.
-- Columns: unit_id, word (such as peak@85.03 or loss@18.01), n (peaks or losses with that word; one spectrum can have
--   several). m/z are printed, not rounded: 80.045 is stored a little above or below the tie, and print tells which.
CREATE OR REPLACE MACRO memo_words(
    study,
    level := 'run',
    min_relative_intensity := 0.01,
    min_peaks := 10,
    losses_from := 10.0,
    losses_to := 200.0,
    decimals := 2,
    subtract_blanks := false, model := 'default'
) AS TABLE
WITH members AS (
    SELECT
        CASE level
            WHEN 'sample' THEN r.sample_id
            WHEN 'run' THEN r.run_id
            ELSE error('level must be run or sample')
        END AS unit_id,
        s.precursor_mz,
        s.mz,
        s.intensity,
        list_max(s.intensity)::DOUBLE AS base
    FROM spectra AS s
    INNER JOIN runs AS r ON r.run_id = s.run_id
    ANTI JOIN blank_spectra(study, model := model, wanted := subtract_blanks) AS b ON b.spectrum_id = s.spectrum_id
    WHERE s.collection = study
),
strong AS (
    SELECT
        unit_id,
        m.precursor_mz,
        list_transform(
            list_filter(
                list_zip(m.mz, m.intensity), lambda peak: peak[2]::DOUBLE / m.base >= min_relative_intensity::DOUBLE
            ),
            lambda peak: peak[1]
        ) AS mz
    FROM members AS m
    WHERE unit_id IS NOT NULL
),
masses AS (
    SELECT unit_id, 'peak@' AS kind, unnest(p.mz) AS mass FROM strong AS p WHERE len(p.mz) >= min_peaks
    UNION ALL
    SELECT unit_id, 'loss@', unnest(
        list_filter(
            list_transform(l.mz, lambda x: l.precursor_mz - x),
            lambda loss: loss >= losses_from::DOUBLE AND loss <= losses_to::DOUBLE
        )
    )
    FROM strong AS l WHERE len(l.mz) >= min_peaks
)
SELECT unit_id, kind || format('{:.' || decimals || 'f}', mass) AS word, count(*) AS n
FROM masses
GROUP BY unit_id, word;
COMMENT ON MACRO TABLE memo_words IS
    'Internal: how often each fragment and neutral loss occurs in each run or sample, as MEMO counts them: unit_id, '
    'word, n';
