/* SQL functions over search indexes. */
#ifndef SPECTRADB_INDEX_FUNCTIONS_H
#define SPECTRADB_INDEX_FUNCTIONS_H

#include <stdbool.h>

/* Register them on a connection; false where the engine refuses one. */
bool register_index_functions(void *connection);

#endif
