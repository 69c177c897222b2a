-- Inner products as the engine adds them up: what a library in memory is to compute too.
-- Inputs: made_up_vectors (query and row, FLOAT arrays of one length; place). Parameters: none. Columns: product.
SELECT array_inner_product(query, "row") AS product
FROM made_up_vectors
ORDER BY place;
