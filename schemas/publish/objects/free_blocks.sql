-- How much of the file is used and free.
-- Inputs: the file, attached as lab. Parameters: none. Columns: n_blocks, n_free, bytes.
SELECT total_blocks AS n_blocks, free_blocks AS n_free, total_blocks * block_size AS bytes
FROM pragma_database_size()
WHERE database_name = 'lab';
