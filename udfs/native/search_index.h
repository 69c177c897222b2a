/* A search index: the vectors of one collection by one model in a memory-mapped file, sorted by ion mode and precursor m/z.
 *
 * spectradb/store/indexes/search_index_format.py writes the file and documents its layout. Nothing of it is used before it was checked: the
 * header, the sizes and the columns when the file is opened, every block of vectors before its first use.
 */
#ifndef SPECTRADB_SEARCH_INDEX_H
#define SPECTRADB_SEARCH_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "inner_product.h"

#define MESSAGE_SIZE 1024
#define FINGERPRINT_SIZE 64

struct search_index {
    uint64_t rows, negative_rows, n_analytes, block_rows;
    uint32_t dimension, stride, element_size;
    char fingerprint[FINGERPRINT_SIZE + 1];
    const double *precursor_mz;     /* rows; ascending within the negative rows, which come first, and within the positive ones */
    const int64_t *ids;             /* rows */
    const int32_t *analytes;        /* rows: the analyte's place in the order of analyte ids, -1 for none */
    const float *scales;            /* rows: what an inner product with the stored vector is multiplied by */
    inner_products_of_four inner_products;
    vector_addition add_vector;
};

/* Open an index, or take the one that is open already; NULL with a message where it cannot be used. */
const struct search_index *index_acquire(const char *path, size_t length, char message[MESSAGE_SIZE]);
void index_release(const struct search_index *index);

/* Check that the vectors of rows [begin, end) are those that were written; remembered, so that it costs once a block. */
bool index_check_vectors(const struct search_index *index, uint64_t begin, uint64_t end, char message[MESSAGE_SIZE]);

/* The stored vector of a row, stride elements of element_size bytes; its block must have been checked. */
const void *index_vector(const struct search_index *index, uint64_t row);

#endif
