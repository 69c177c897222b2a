-- A sample of the vectors of a study for fitting a codebook. Spectrum ids are hashes, so that their order is as good as
-- random; the seed turns it.
-- Inputs: vectors.<study>__<model>. Parameters: $study, $model, $seed; $n, how many at most. Columns: embedding.
SELECT embedding
FROM query_table('vectors.' || $study || '__' || $model)
ORDER BY (id % 1000003 + $seed * 7919) % 1000003, id
LIMIT $n;
