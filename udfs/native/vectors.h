/* Reading arguments: texts, numbers and lists of them as they lie in the engine's vectors. */
#ifndef SPECTRADB_VECTORS_H
#define SPECTRADB_VECTORS_H

#include <stdbool.h>
#include <stdint.h>

#include "duckdb_api.h"

/* One argument of a chunk of rows. */
struct argument {
    void *data;
    const uint64_t *validity;
};

static inline struct argument argument_of(void *chunk, uint64_t column) {
    void *vector = api_data_chunk_get_vector(chunk, column);
    return (struct argument){api_vector_get_data(vector), api_vector_get_validity(vector)};
}

/* An argument that holds numbers in every row: FLOAT[n] or FLOAT[]; DOUBLE[] where so asked for. */
struct numbers {
    const void *values;
    const uint64_t *value_validity, *validity;
    const struct api_list *lists; /* NULL for arrays */
    uint64_t array_size;
};

/* Fill numbers from a column; false if it holds something else than element_type. */
bool numbers_of(void *chunk, uint64_t column, enum api_type element_type, struct numbers *numbers);

/* Range of a row's values. */
static inline struct api_list numbers_range(const struct numbers *numbers, uint64_t row) {
    return numbers->lists ? numbers->lists[row] : (struct api_list){row * numbers->array_size, numbers->array_size};
}

/* Whether no value of a range is NULL. */
bool numbers_are_valid(const struct numbers *numbers, struct api_list range);

/* Register a scalar function; parameter types of lists and ANY are built by the caller and stay theirs. */
bool register_scalar(void *connection, const char *name, void *const *parameters, int n_parameters, void *returns,
                     scalar_callback callback);

#endif
