#include "vectors.h"

bool numbers_of(void *chunk, uint64_t column, enum api_type element_type, struct numbers *numbers) {
    void *vector = api_data_chunk_get_vector(chunk, column);
    void *type = api_vector_get_column_type(vector), *child_type = NULL, *child = NULL;
    int kind = api_get_type_id(type);
    *numbers = (struct numbers){.validity = api_vector_get_validity(vector)};
    if (kind == TYPE_ARRAY) {
        child_type = api_array_type_child_type(type);
        numbers->array_size = api_array_type_array_size(type);
        child = api_array_vector_get_child(vector);
    } else if (kind == TYPE_LIST) {
        child_type = api_list_type_child_type(type);
        numbers->lists = api_vector_get_data(vector);
        child = api_list_vector_get_child(vector);
    }
    bool right = child_type && api_get_type_id(child_type) == (int)element_type;
    if (right) {
        numbers->values = api_vector_get_data(child);
        numbers->value_validity = api_vector_get_validity(child);
    }
    if (child_type)
        api_destroy_logical_type(&child_type);
    api_destroy_logical_type(&type);
    return right;
}

bool numbers_are_valid(const struct numbers *numbers, struct api_list range) {
    if (numbers->value_validity)
        for (uint64_t i = range.offset; i < range.offset + range.length; i++)
            if (!api_is_valid(numbers->value_validity, i))
                return false;
    return true;
}

bool register_scalar(void *connection, const char *name, void *const *parameters, int n_parameters, void *returns,
                     scalar_callback callback) {
    void *function = api_create_scalar_function();
    api_scalar_function_set_name(function, name);
    for (int i = 0; i < n_parameters; i++)
        api_scalar_function_add_parameter(function, parameters[i]);
    api_scalar_function_set_return_type(function, returns);
    api_scalar_function_set_special_handling(function); /* NULLs are handled here, row by row */
    api_scalar_function_set_function(function, callback);
    bool done = api_register_scalar_function(connection, function) == 0;
    api_destroy_scalar_function(&function);
    return done;
}
