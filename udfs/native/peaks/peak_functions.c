/* native_cosine_greedy, native_modified_cosine, native_weighted_cosine, native_entropy_similarity, native_matched_peaks. */
#include "peaks/peak_functions.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "peaks/peak_lists.h"
#include "peaks/peak_similarity.h"
#include "vectors.h"

static bool is_tolerance(double value, char message[MESSAGE_SIZE]) {
    if (value >= 0 && isfinite(value))
        return true;
    snprintf(message, MESSAGE_SIZE, "the tolerance is %g: give one in Da that is not negative", value);
    return false;
}

static bool no_memory(char *message) {
    snprintf(message, MESSAGE_SIZE, "there is no memory left to match the peaks");
    return false;
}

/* The columns after the lists: for the modified cosine both precursors, then tolerance and powers. */
static void greedy(void *info, void *chunk, void *output, bool is_modified) {
    static const uint64_t plain[4] = {0, 1, 2, 3}, modified[4] = {0, 1, 3, 4};
    struct pair_lists lists;
    if (!pair_lists_of(info, chunk, is_modified ? modified : plain, &lists))
        return;
    struct argument numbers[5]; /* tolerance, m/z power, intensity power, precursor of a, precursor of b */
    int n_numbers = is_modified ? 5 : 3;
    for (uint64_t i = 0; i < 3; i++)
        numbers[i] = argument_of(chunk, i + (is_modified ? 6 : 4));
    if (is_modified) {
        numbers[3] = argument_of(chunk, 2);
        numbers[4] = argument_of(chunk, 5);
    }
    double *score = api_vector_get_data(api_struct_vector_get_child(output, 0));
    int32_t *matched = api_vector_get_data(api_struct_vector_get_child(output, 1));
    struct scratch scratch = {0};
    char message[MESSAGE_SIZE];
    uint64_t n = api_data_chunk_get_size(chunk);
    for (uint64_t row = 0; row < n; row++) {
        double value[5] = {0};
        bool is_null = false;
        for (int i = 0; i < n_numbers; i++) {
            is_null = is_null || !api_is_valid(numbers[i].validity, row);
            value[i] = ((const double *)numbers[i].data)[row];
        }
        struct peaks pair[2];
        enum read_result found = is_null ? IS_NULL : read_pair(&lists, row, pair, message);
        if (found == IS_NULL) {
            api_set_null(output, row);
            api_set_null(api_struct_vector_get_child(output, 0), row);
            api_set_null(api_struct_vector_get_child(output, 1), row);
            continue;
        }
        struct greedy_score result;
        bool ok = found == READ && is_tolerance(value[0], message);
        if (ok && !greedy_cosine(pair[0], pair[1], value[3] - value[4], (struct greedy_settings){value[0], value[1], value[2]},
                                 &scratch, &result))
            ok = no_memory(message);
        if (!ok) {
            api_scalar_function_set_error(info, message);
            break;
        }
        score[row] = result.score;
        matched[row] = result.matched_peaks;
    }
    free(scratch.bytes);
    pair_lists_end(&lists);
}

static void native_cosine_greedy(void *info, void *chunk, void *output) { greedy(info, chunk, output, false); }

static void native_modified_cosine(void *info, void *chunk, void *output) { greedy(info, chunk, output, true); }

/* One score of two spectra, by the tolerance and what the column after it says; false with a message where there is none. */
typedef bool score_of_pair(const struct peaks pair[2], double tolerance, const void *option, struct scratch *scratch,
                           double *score, char *message);

/* Rows of two spectra, a tolerance, and one column more, whose values are so many bytes wide. */
static void score_pairs(void *info, void *chunk, void *output, size_t option_size, score_of_pair *score_of) {
    static const uint64_t columns[4] = {0, 1, 2, 3};
    struct pair_lists lists;
    if (!pair_lists_of(info, chunk, columns, &lists))
        return;
    struct argument tolerance = argument_of(chunk, 4), option = argument_of(chunk, 5);
    double *result = api_vector_get_data(output);
    struct scratch scratch = {0};
    char message[MESSAGE_SIZE];
    uint64_t n = api_data_chunk_get_size(chunk);
    for (uint64_t row = 0; row < n; row++) {
        struct peaks pair[2];
        bool is_null = !api_is_valid(tolerance.validity, row) || !api_is_valid(option.validity, row);
        enum read_result found = is_null ? IS_NULL : read_pair(&lists, row, pair, message);
        if (found == IS_NULL) {
            api_set_null(output, row);
            continue;
        }
        double width = ((const double *)tolerance.data)[row];
        const void *said = (const char *)option.data + row * option_size;
        if (found != READ || !score_of(pair, width, said, &scratch, &result[row], message)) {
            api_scalar_function_set_error(info, message);
            break;
        }
    }
    free(scratch.bytes);
    pair_lists_end(&lists);
}

static bool entropy_of_pair(const struct peaks pair[2], double tolerance, const void *noise, struct scratch *scratch,
                            double *score, char *message) {
    if (!is_tolerance(tolerance, message))
        return false;
    return entropy_similarity(pair[0], pair[1], tolerance, *(const double *)noise, scratch, score) || no_memory(message);
}

static void native_entropy_similarity(void *info, void *chunk, void *output) {
    score_pairs(info, chunk, output, sizeof(double), entropy_of_pair);
}

/* Weights by the names that MZmine gives them: exponents of intensity and m/z. */
static const struct weighting {
    const char *name;
    double intensity_power, mz_power;
} WEIGHTINGS[] = {{"NONE", 1, 0}, {"SQRT", 0.5, 0}, {"MASSBANK", 0.5, 2}, {"NIST11-LC", 0.53, 1.3}, {"NIST-GC", 0.6, 3}};

static const struct weighting *weighting_of(const struct api_string *name) {
    for (unsigned i = 0; i < sizeof WEIGHTINGS / sizeof *WEIGHTINGS; i++)
        if (strlen(WEIGHTINGS[i].name) == name->length && !memcmp(api_text(name), WEIGHTINGS[i].name, name->length))
            return &WEIGHTINGS[i];
    return NULL;
}

static bool weighted_of_pair(const struct peaks pair[2], double ppm, const void *weights, struct scratch *scratch,
                             double *score, char *message) {
    const struct weighting *weighting = weighting_of(weights);
    if (!(ppm > 0 && ppm < 1e6)) {
        snprintf(message, MESSAGE_SIZE, "the tolerance is %g: give one in ppm that is positive and below 1,000,000", ppm);
        return false;
    }
    if (!weighting) {
        snprintf(message, MESSAGE_SIZE, "weights must be one of NONE, SQRT, MASSBANK, NIST11-LC, NIST-GC");
        return false;
    }
    struct weighted_settings settings = {ppm, weighting->mz_power, weighting->intensity_power};
    return weighted_cosine(pair[0], pair[1], settings, scratch, score) || no_memory(message);
}

static void native_weighted_cosine(void *info, void *chunk, void *output) {
    score_pairs(info, chunk, output, sizeof(struct api_string), weighted_of_pair);
}

static int by_value(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return a < b ? -1 : a > b;
}

/* m/z values of a row in ascending order; NULL where memory runs out. */
static const double *sorted_mz(const struct numbers *numbers, struct api_list range, struct scratch *scratch) {
    const double *mz = (const double *)numbers->values + range.offset;
    uint64_t i = 1;
    while (i < range.length && mz[i] >= mz[i - 1])
        i++;
    if (i >= range.length)
        return mz;
    double *copy = scratch_bytes(scratch, range.length * sizeof *copy);
    if (!copy)
        return NULL;
    memcpy(copy, mz, range.length * sizeof *copy);
    qsort(copy, range.length, sizeof *copy, by_value);
    return copy;
}

/* Different m/z of a that have one of b within the tolerance; both ascending. */
static int32_t count_matched(const double *a, uint64_t n_a, const double *b, uint64_t n_b, double tolerance) {
    int32_t matched = 0;
    uint64_t near = 0;
    for (uint64_t i = 0; i < n_a; i++) {
        if (i > 0 && a[i] == a[i - 1])
            continue;
        while (near < n_b && b[near] - a[i] < -tolerance)
            near++;
        matched += near < n_b && fabs(b[near] - a[i]) <= tolerance;
    }
    return matched;
}

static void native_matched_peaks(void *info, void *chunk, void *output) {
    struct numbers of_a, of_b;
    if (!numbers_of(chunk, 0, TYPE_DOUBLE, &of_a) || !numbers_of(chunk, 1, TYPE_DOUBLE, &of_b)) {
        api_scalar_function_set_error(info, "m/z must be lists of DOUBLE");
        return;
    }
    struct argument tolerance = argument_of(chunk, 2);
    int32_t *result = api_vector_get_data(output);
    struct scratch scratch[2] = {{0}};
    char message[MESSAGE_SIZE];
    uint64_t n = api_data_chunk_get_size(chunk);
    for (uint64_t row = 0; row < n; row++) {
        bool is_null = !api_is_valid(of_a.validity, row) || !api_is_valid(of_b.validity, row) || !api_is_valid(tolerance.validity, row);
        struct api_list a = {0, 0}, b = {0, 0};
        if (!is_null) {
            a = numbers_range(&of_a, row);
            b = numbers_range(&of_b, row);
        }
        if (is_null || !numbers_are_valid(&of_a, a) || !numbers_are_valid(&of_b, b)) {
            api_set_null(output, row);
            continue;
        }
        double width = ((const double *)tolerance.data)[row];
        bool ok = is_tolerance(width, message);
        const double *mz_a = ok ? sorted_mz(&of_a, a, &scratch[0]) : NULL, *mz_b = ok ? sorted_mz(&of_b, b, &scratch[1]) : NULL;
        if (ok && (!mz_a || !mz_b)) {
            snprintf(message, MESSAGE_SIZE, "there is no memory left to match the peaks");
            ok = false;
        }
        if (!ok) {
            api_scalar_function_set_error(info, message);
            break;
        }
        result[row] = count_matched(mz_a, a.length, mz_b, b.length, width);
    }
    free(scratch[0].bytes);
    free(scratch[1].bytes);
}

bool register_peak_functions(void *connection) {
    void *number = api_create_logical_type(TYPE_DOUBLE), *count = api_create_logical_type(TYPE_INTEGER);
    void *list = api_create_list_type(number), *text = api_create_logical_type(TYPE_VARCHAR);
    const char *names[] = {"score", "matched_peaks"};
    void *types[] = {number, count}, *pair = api_create_struct_type(types, names, 2);
    void *cosine[] = {list, list, list, list, number, number, number};
    void *modified[] = {list, list, number, list, list, number, number, number, number};
    void *weighted[] = {list, list, list, list, number, text};
    void *entropy[] = {list, list, list, list, number, number};
    void *mz_lists[] = {list, list, number};
    bool done = register_scalar(connection, "native_cosine_greedy", cosine, 7, pair, native_cosine_greedy) &&
                register_scalar(connection, "native_modified_cosine", modified, 9, pair, native_modified_cosine) &&
                register_scalar(connection, "native_weighted_cosine", weighted, 6, number, native_weighted_cosine) &&
                register_scalar(connection, "native_entropy_similarity", entropy, 6, number, native_entropy_similarity) &&
                register_scalar(connection, "native_matched_peaks", mz_lists, 3, count, native_matched_peaks);
    void **all[] = {&number, &count, &list, &pair, &text};
    for (int i = 0; i < 5; i++)
        api_destroy_logical_type(all[i]);
    return done;
}
