/* native_cosine_greedy, native_modified_cosine, native_entropy_similarity and native_matched_peaks. */
#include "peak_functions.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "peak_similarity.h"
#include "vectors.h"

#define MESSAGE_SIZE 512

/* Both spectra of a chunk of pairs: m/z and intensities of a, then of b. */
struct pair_lists {
    struct numbers numbers[4];
    struct scratch sorted[2];
};

enum read_result { READ, IS_NULL, FAILED };

static bool lists_of(void *info, void *chunk, const uint64_t columns[4], struct pair_lists *lists) {
    memset(lists, 0, sizeof *lists);
    for (int i = 0; i < 4; i++)
        if (!numbers_of(chunk, columns[i], TYPE_DOUBLE, &lists->numbers[i])) {
            api_scalar_function_set_error(info, "peaks must be lists of DOUBLE");
            return false;
        }
    return true;
}

static void lists_end(struct pair_lists *lists) {
    free(lists->sorted[0].bytes);
    free(lists->sorted[1].bytes);
}

struct sortable {
    double mz, intensity;
};

static int by_mz(const void *left, const void *right) {
    const struct sortable *a = left, *b = right;
    return a->mz < b->mz ? -1 : a->mz > b->mz;
}

static int by_value(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return a < b ? -1 : a > b;
}

/* Put peaks that are not in order of m/z into order, in a copy; false where memory runs out. */
static bool sort_peaks(struct peaks *peaks, struct scratch *scratch) {
    uint64_t i = 1;
    while (i < peaks->n && peaks->mz[i] >= peaks->mz[i - 1])
        i++;
    if (i >= peaks->n)
        return true;
    struct sortable *pairs = scratch_bytes(scratch, peaks->n * (sizeof *pairs + 2 * sizeof(double)));
    if (!pairs)
        return false;
    double *mz = (double *)(pairs + peaks->n), *intensity = mz + peaks->n;
    for (i = 0; i < peaks->n; i++)
        pairs[i] = (struct sortable){peaks->mz[i], peaks->intensity[i]};
    qsort(pairs, peaks->n, sizeof *pairs, by_mz);
    for (i = 0; i < peaks->n; i++) {
        mz[i] = pairs[i].mz;
        intensity[i] = pairs[i].intensity;
    }
    peaks->mz = mz;
    peaks->intensity = intensity;
    return true;
}

static enum read_result read_pair(struct pair_lists *lists, uint64_t row, struct peaks pair[2], char message[MESSAGE_SIZE]) {
    struct api_list ranges[4];
    for (int i = 0; i < 4; i++) {
        if (!api_is_valid(lists->numbers[i].validity, row))
            return IS_NULL;
        ranges[i] = numbers_range(&lists->numbers[i], row);
        if (!numbers_are_valid(&lists->numbers[i], ranges[i]))
            return IS_NULL;
    }
    for (int i = 0; i < 2; i++) {
        const double *mz = (const double *)lists->numbers[2 * i].values + ranges[2 * i].offset;
        const double *intensity = (const double *)lists->numbers[2 * i + 1].values + ranges[2 * i + 1].offset;
        if (ranges[2 * i].length != ranges[2 * i + 1].length || ranges[2 * i].length > INT32_MAX) {
            snprintf(message, MESSAGE_SIZE, "a spectrum has %llu m/z values and %llu intensities: give one intensity per peak",
                     (unsigned long long)ranges[2 * i].length, (unsigned long long)ranges[2 * i + 1].length);
            return FAILED;
        }
        pair[i] = (struct peaks){mz, intensity, ranges[2 * i].length};
        if (!sort_peaks(&pair[i], &lists->sorted[i])) {
            snprintf(message, MESSAGE_SIZE, "there is no memory left for the peaks");
            return FAILED;
        }
    }
    return READ;
}

static bool is_tolerance(double value, char message[MESSAGE_SIZE]) {
    if (value >= 0 && isfinite(value))
        return true;
    snprintf(message, MESSAGE_SIZE, "the tolerance is %g: give one in Da that is not negative", value);
    return false;
}

/* The columns after the lists: for the modified cosine both precursors, then tolerance and powers. */
static void greedy(void *info, void *chunk, void *output, bool is_modified) {
    static const uint64_t plain[4] = {0, 1, 2, 3}, modified[4] = {0, 1, 3, 4};
    struct pair_lists lists;
    if (!lists_of(info, chunk, is_modified ? modified : plain, &lists))
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
                                 &scratch, &result)) {
            snprintf(message, MESSAGE_SIZE, "there is no memory left to match the peaks");
            ok = false;
        }
        if (!ok) {
            api_scalar_function_set_error(info, message);
            break;
        }
        score[row] = result.score;
        matched[row] = result.matched_peaks;
    }
    free(scratch.bytes);
    lists_end(&lists);
}

static void native_cosine_greedy(void *info, void *chunk, void *output) { greedy(info, chunk, output, false); }

static void native_modified_cosine(void *info, void *chunk, void *output) { greedy(info, chunk, output, true); }

static void native_entropy_similarity(void *info, void *chunk, void *output) {
    static const uint64_t columns[4] = {0, 1, 2, 3};
    struct pair_lists lists;
    if (!lists_of(info, chunk, columns, &lists))
        return;
    struct argument tolerance = argument_of(chunk, 4), noise = argument_of(chunk, 5);
    double *result = api_vector_get_data(output);
    struct scratch scratch = {0};
    char message[MESSAGE_SIZE];
    uint64_t n = api_data_chunk_get_size(chunk);
    for (uint64_t row = 0; row < n; row++) {
        struct peaks pair[2];
        bool is_null = !api_is_valid(tolerance.validity, row) || !api_is_valid(noise.validity, row);
        enum read_result found = is_null ? IS_NULL : read_pair(&lists, row, pair, message);
        if (found == IS_NULL) {
            api_set_null(output, row);
            continue;
        }
        double width = ((const double *)tolerance.data)[row], threshold = ((const double *)noise.data)[row];
        bool ok = found == READ && is_tolerance(width, message);
        if (ok && !entropy_similarity(pair[0], pair[1], width, threshold, &scratch, &result[row])) {
            snprintf(message, MESSAGE_SIZE, "there is no memory left to match the peaks");
            ok = false;
        }
        if (!ok) {
            api_scalar_function_set_error(info, message);
            break;
        }
    }
    free(scratch.bytes);
    lists_end(&lists);
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
    void *list = api_create_list_type(number);
    const char *names[] = {"score", "matched_peaks"};
    void *types[] = {number, count}, *pair = api_create_struct_type(types, names, 2);
    void *cosine[] = {list, list, list, list, number, number, number};
    void *modified[] = {list, list, number, list, list, number, number, number, number};
    void *entropy[] = {list, list, list, list, number, number};
    void *mz_lists[] = {list, list, number};
    bool done = register_scalar(connection, "native_cosine_greedy", cosine, 7, pair, native_cosine_greedy) &&
                register_scalar(connection, "native_modified_cosine", modified, 9, pair, native_modified_cosine) &&
                register_scalar(connection, "native_entropy_similarity", entropy, 6, number, native_entropy_similarity) &&
                register_scalar(connection, "native_matched_peaks", mz_lists, 3, count, native_matched_peaks);
    void **all[] = {&number, &count, &list, &pair};
    for (int i = 0; i < 4; i++)
        api_destroy_logical_type(all[i]);
    return done;
}
