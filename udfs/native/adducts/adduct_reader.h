/* A SQL function that reads an adduct and gives the m/z of its ion. */
#ifndef SPECTRADB_ADDUCT_READER_H
#define SPECTRADB_ADDUCT_READER_H

#include <stdbool.h>

/* Register native_adduct_mz on a connection; false where the engine refuses it. */
bool register_adduct_functions(void *connection);

#endif
