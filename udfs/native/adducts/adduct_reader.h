/* Reading an adduct, and the m/z of its ion. */
#ifndef SPECTRADB_ADDUCT_READER_H
#define SPECTRADB_ADDUCT_READER_H

#include <stdbool.h>
#include <stdint.h>

/* m/z of the ion that a neutral of this mass (Da) forms; false where the adduct cannot be read, or there is no such ion. */
bool adduct_mz(double monoisotopic_mass, const char *adduct, uint32_t length, double *mz);

/* Register native_adduct_mz on a connection; false where the engine refuses it. */
bool register_adduct_functions(void *connection);

#endif
