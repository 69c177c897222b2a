/* Entry point of the extension: DuckDB calls it on LOAD. */
#include <string.h>

#include "adducts/adduct_reader.h"
#include "duckdb_api.h"
#include "index_functions.h"
#include "peaks/binned_vector.h"
#include "peaks/peak_functions.h"

/* Visible, so that a test can compare its entries with the engine's functions. */
__attribute__((visibility("default"))) const void *spectradb_api[API_ENTRIES];

__attribute__((visibility("default"))) bool spectradb_init_c_api(void *info, struct extension_access *access) {
    const void *lent = access->get_api(info, API_VERSION);
    if (!lent)
        return false; /* the engine has said why */
    memcpy(spectradb_api, lent, sizeof spectradb_api);
    void *connection = NULL;
    if (api_connect(*access->get_database(info), &connection) != 0) {
        access->set_error(info, "spectradb: no connection to the database for registering functions");
        return false;
    }
    bool done = register_index_functions(connection) && register_peak_functions(connection) &&
                register_binned_vector(connection) && register_adduct_functions(connection);
    api_disconnect(&connection);
    if (!done)
        access->set_error(info, "spectradb: the engine refused a function; another extension may have taken its name");
    return done;
}
