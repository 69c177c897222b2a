/* SQL functions over peak lists. */
#ifndef SPECTRADB_PEAK_FUNCTIONS_H
#define SPECTRADB_PEAK_FUNCTIONS_H

#include <stdbool.h>

/* Register them on a connection; false where the engine refuses one. */
bool register_peak_functions(void *connection);

#endif
