/* Vectors of spectra by the model "binned". */
#ifndef SPECTRADB_BINNED_VECTOR_H
#define SPECTRADB_BINNED_VECTOR_H

#include <stdbool.h>

/* Register native_embed_binned on a connection; false where the engine refuses it. */
bool register_binned_vector(void *connection);

#endif
