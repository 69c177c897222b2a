/* The model "binned" with its own settings, as spectradb/embedders/binned.py defines it: hashed bins of fragments and losses. */
#include "peaks/binned_vector.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "peaks/peak_lists.h"

#define DIMENSION 512
#define N_WIDTHS 2
#define MIN_LOSS 0.5             /* Da */
#define PRECURSOR_WEIGHT 0.3
#define PRECURSOR_TOLERANCE 0.02 /* Da */
#define ENTROPY_LIMIT 3.0        /* nats */
#define ENTROPY_OFFSET 0.25
#define ENTROPY_SLOPE 0.25
#define KINDS 2
#define LAST_POSITION 2147483648.0

static const double WIDTHS[N_WIDTHS] = {0.03, 0.2}; /* Da */

/* First output of the SplitMix64 generator seeded with a key (Steele, Lea and Flood 2014, doi 10.1145/2660193.2660195). */
static uint64_t splitmix64(uint64_t key) {
    uint64_t mixed = key + 0x9E3779B97F4A7C15u;
    mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9u;
    mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EBu;
    return mixed ^ mixed >> 31;
}

/* Weights of square roots of intensities by spectral entropy (Li et al. 2021); NULL where there is no memory. */
static double *entropy_weights(struct peaks peaks, struct scratch *scratch) {
    double *weight = scratch_bytes(scratch, (peaks.n ? peaks.n : 1) * sizeof *weight), sum = 0, entropy = 0;
    if (!weight)
        return NULL;
    for (uint64_t i = 0; i < peaks.n; i++)
        sum += weight[i] = sqrt((double)(float)peaks.intensity[i]);
    for (uint64_t i = 0; i < peaks.n; i++) {
        double share = weight[i] / sum;
        weight[i] = log(share);
        entropy -= share * weight[i];
    }
    double exponent = entropy < ENTROPY_LIMIT ? ENTROPY_OFFSET + ENTROPY_SLOPE * entropy : 1;
    for (uint64_t i = 0; i < peaks.n; i++)
        weight[i] = exp(exponent * weight[i]);
    return weight;
}

static void add_hashed(double sums[DIMENSION], uint64_t kind, uint64_t bin, double weight) {
    uint64_t hash = splitmix64(bin + (kind << 32));
    sums[(hash >> 32) % DIMENSION] += hash & 1 ? -weight : weight;
}

static void add_position(double sums[DIMENSION], uint64_t kind, double position, double weight) {
    position = position < LAST_POSITION ? position : LAST_POSITION;
    double below = floor(position), above = position - below;
    add_hashed(sums, kind, (uint64_t)below, weight * (1 - above));
    add_hashed(sums, kind, (uint64_t)below + 1, weight * above);
}

/* A number of at most 1 rounded to half precision, ties to even. */
static double half_precision(float value) {
    int exponent;
    if (value == 0)
        return 0;
    frexp(value, &exponent);
    /* Eleven bits of it; below 2^-14 steps of 2^-24. */
    double step = ldexp(1, exponent - 11 < -24 ? -24 : exponent - 11);
    return nearbyint(value / step) * step;
}

/* Scale to length 1; zeros stay zeros. */
static void unit(double sums[DIMENSION], float vector[DIMENSION]) {
    double square = 0;
    for (int i = 0; i < DIMENSION; i++)
        square += sums[i] * sums[i];
    double norm = square > 0 ? sqrt(square) : 1;
    for (int i = 0; i < DIMENSION; i++)
        vector[i] = (float)(sums[i] / norm);
}

static void embed(struct peaks peaks, double precursor_mz, const double *weights, float vector[DIMENSION]) {
    double sums[DIMENSION] = {0};
    for (uint64_t i = 0; i < peaks.n; i++) {
        double loss = precursor_mz - peaks.mz[i]; /* not a number where the precursor is unknown: then nothing below is true */
        double weight = weights[i] * (fabs(loss) <= PRECURSOR_TOLERANCE ? PRECURSOR_WEIGHT : 1);
        for (int scale = 0; scale < N_WIDTHS; scale++) {
            add_position(sums, (uint64_t)(KINDS * scale), peaks.mz[i] / WIDTHS[scale], weight);
            if (loss >= MIN_LOSS)
                add_position(sums, (uint64_t)(KINDS * scale + 1), loss / WIDTHS[scale], weight);
        }
    }
    unit(sums, vector);
    /* As it is stored, and brought back to length 1. */
    for (int i = 0; i < DIMENSION; i++)
        sums[i] = half_precision(vector[i]);
    unit(sums, vector);
}

static void native_embed_binned(void *info, void *chunk, void *output) {
    struct spectrum_lists lists;
    if (!spectrum_lists_of(info, chunk, 0, 1, &lists))
        return;
    struct argument precursor = argument_of(chunk, 2), ion_mode = argument_of(chunk, 3);
    float *vectors = api_vector_get_data(api_array_vector_get_child(output));
    struct scratch scratch = {0};
    char message[MESSAGE_SIZE];
    uint64_t n = api_data_chunk_get_size(chunk);
    for (uint64_t row = 0; row < n; row++) {
        struct peaks peaks;
        bool is_null = !api_is_valid(precursor.validity, row) || !api_is_valid(ion_mode.validity, row);
        enum read_result found = is_null ? IS_NULL : read_spectrum(&lists, row, &peaks, message);
        if (found == IS_NULL) {
            memset(vectors + row * DIMENSION, 0, DIMENSION * sizeof *vectors);
            api_set_null(output, row);
            continue;
        }
        double *weights = found == READ ? entropy_weights(peaks, &scratch) : NULL;
        if (!weights) {
            api_scalar_function_set_error(info, found == READ ? "there is no memory left for the peaks" : message);
            break;
        }
        embed(peaks, ((const double *)precursor.data)[row], weights, vectors + row * DIMENSION);
    }
    free(scratch.bytes);
    spectrum_lists_end(&lists);
}

bool register_binned_vector(void *connection) {
    void *number = api_create_logical_type(TYPE_DOUBLE), *single = api_create_logical_type(TYPE_FLOAT);
    void *list = api_create_list_type(number), *text = api_create_logical_type(TYPE_VARCHAR);
    void *vector = api_create_array_type(single, DIMENSION);
    void *parameters[] = {list, list, number, text};
    bool done = register_scalar(connection, "native_embed_binned", parameters, 4, vector, native_embed_binned);
    void **all[] = {&number, &single, &list, &text, &vector};
    for (int i = 0; i < 5; i++)
        api_destroy_logical_type(all[i]);
    return done;
}
