/* Inner products of stored vectors, in half or single precision, with a query in single precision. */
#ifndef SPECTRADB_INNER_PRODUCT_H
#define SPECTRADB_INNER_PRODUCT_H

#include <stddef.h>

/* Vectors are padded with zeros to a multiple of this many elements. */
#define LANES 16

/* Four stored vectors against one query; n is a multiple of LANES. Every implementation adds in the same order for each of the
 * four, so that a pair has one score wherever it stands among others. */
typedef void (*inner_products_of_four)(const void *const stored[4], const float *query, size_t n, float out[4]);

/* Add a stored vector times a scale to a sum; returns the squared length of the sum. n is a multiple of LANES. */
typedef float (*vector_addition)(const void *stored, float scale, float *sum, size_t n);

/* The fastest implementation for this processor. */
inner_products_of_four inner_products_half(void);
inner_products_of_four inner_products_single(void);
vector_addition vector_addition_half(void);
vector_addition vector_addition_single(void);

#endif
