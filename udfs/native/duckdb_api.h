/* The part of DuckDB's stable C extension API (v1.2.0) that spectradb's extension uses.
 *
 * The engine lends an extension a table of function pointers while it is loaded, whose order is fixed for good by the API version;
 * the entry point copies its beginning. Each entry below states its place in that table, counted from zero; tests/udfs/test_native_build.py compares every place with the function
 * of that name in the running engine. Handles are opaque here, so all of them are void pointers.
 */
#ifndef SPECTRADB_DUCKDB_API_H
#define SPECTRADB_DUCKDB_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define API_VERSION "v1.2.0"

/* One more than the last place below. */
#define API_ENTRIES 222

extern const void *spectradb_api[API_ENTRIES];

typedef void (*scalar_callback)(void *info, void *chunk, void *output);

/* What the engine passes to the entry point of an extension. */
struct extension_access {
    void (*set_error)(void *info, const char *message);
    void **(*get_database)(void *info);
    const void *(*get_api)(void *info, const char *version);
};

/* A VARCHAR as it lies in a vector: up to twelve bytes in place, from prefix on; longer ones behind the pointer. */
struct api_string {
    uint32_t length;
    char prefix[4];
    const char *data;
};
_Static_assert(sizeof(struct api_string) == 16, "four bytes of length and twelve of text");

/* A LIST as it lies in a vector: a range of the child vector. */
struct api_list {
    uint64_t offset;
    uint64_t length;
};

enum api_type {
    TYPE_INTEGER = 4,
    TYPE_BIGINT = 5,
    TYPE_FLOAT = 10,
    TYPE_DOUBLE = 11,
    TYPE_VARCHAR = 17,
    TYPE_LIST = 24,
    TYPE_ARRAY = 33,
    TYPE_ANY = 34,
};

/* clang-format off */
#define ENTRY(place, result, name, parameters, arguments) \
    static inline result api_##name parameters { return ((result(*) parameters)spectradb_api[place])arguments; }

ENTRY(3, int, connect, (void *database, void **connection), (database, connection))
ENTRY(6, void, disconnect, (void **connection), (connection))
ENTRY(156, void *, create_logical_type, (int type), (type))
ENTRY(159, void *, create_list_type, (void *child), (child))
ENTRY(160, void *, create_array_type, (void *child, uint64_t size), (child, size))
ENTRY(163, void *, create_struct_type, (void **types, const char **names, uint64_t count), (types, names, count))
ENTRY(166, int, get_type_id, (void *type), (type))
ENTRY(173, void *, list_type_child_type, (void *type), (type))
ENTRY(174, void *, array_type_child_type, (void *type), (type))
ENTRY(175, uint64_t, array_type_array_size, (void *type), (type))
ENTRY(184, void, destroy_logical_type, (void **type), (type))
ENTRY(190, void *, data_chunk_get_vector, (void *chunk, uint64_t column), (chunk, column))
ENTRY(191, uint64_t, data_chunk_get_size, (void *chunk), (chunk))
ENTRY(193, void *, vector_get_column_type, (void *vector), (vector))
ENTRY(194, void *, vector_get_data, (void *vector), (vector))
ENTRY(195, uint64_t *, vector_get_validity, (void *vector), (vector))
ENTRY(196, void, vector_ensure_validity_writable, (void *vector), (vector))
ENTRY(198, void, vector_assign_string_element_len, (void *vector, uint64_t row, const char *text, uint64_t length), (vector, row, text, length))
ENTRY(199, void *, list_vector_get_child, (void *vector), (vector))
ENTRY(201, int, list_vector_set_size, (void *vector, uint64_t size), (vector, size))
ENTRY(202, int, list_vector_reserve, (void *vector, uint64_t capacity), (vector, capacity))
ENTRY(203, void *, struct_vector_get_child, (void *vector, uint64_t field), (vector, field))
ENTRY(204, void *, array_vector_get_child, (void *vector), (vector))
ENTRY(209, void *, create_scalar_function, (void), ())
ENTRY(210, void, destroy_scalar_function, (void **function), (function))
ENTRY(211, void, scalar_function_set_name, (void *function, const char *name), (function, name))
ENTRY(213, void, scalar_function_set_special_handling, (void *function), (function))
ENTRY(215, void, scalar_function_add_parameter, (void *function, void *type), (function, type))
ENTRY(216, void, scalar_function_set_return_type, (void *function, void *type), (function, type))
ENTRY(218, void, scalar_function_set_function, (void *function, scalar_callback callback), (function, callback))
ENTRY(219, int, register_scalar_function, (void *connection, void *function), (connection, function))
ENTRY(221, void, scalar_function_set_error, (void *info, const char *message), (info, message))
/* clang-format on */

/* Text of a VARCHAR; not terminated. */
static inline const char *api_text(const struct api_string *string) {
    return string->length <= 12 ? (const char *)string + offsetof(struct api_string, prefix) : string->data;
}

/* Whether a row of a vector with this validity mask is not NULL; without a mask no row is. */
static inline bool api_is_valid(const uint64_t *validity, uint64_t row) {
    return validity == NULL || (validity[row / 64] >> (row % 64) & 1);
}

static inline void api_set_null(void *vector, uint64_t row) {
    api_vector_ensure_validity_writable(vector);
    api_vector_get_validity(vector)[row / 64] &= ~((uint64_t)1 << (row % 64));
}

#endif
