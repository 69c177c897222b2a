/* Greedy cosine and modified cosine. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "peaks/peak_similarity.h"

struct match {
    double product;
    uint32_t a, b, order;
};

void *scratch_bytes(struct scratch *scratch, uint64_t bytes) {
    if (bytes > scratch->capacity) {
        free(scratch->bytes);
        scratch->bytes = malloc(bytes * 2);
        scratch->capacity = scratch->bytes ? bytes * 2 : 0;
    }
    return scratch->bytes;
}

static double power(double value, double exponent) {
    if (exponent == 1)
        return value;
    if (exponent == 0)
        return 1;
    return exponent == 0.5 ? sqrt(value) : pow(value, exponent);
}

/* Weights of all peaks; returns the sum of their squares. */
static double weigh(struct peaks peaks, struct greedy_settings settings, double *weights) {
    double sum = 0;
    for (uint64_t i = 0; i < peaks.n; i++) {
        weights[i] = power(peaks.mz[i], settings.mz_power) * power(peaks.intensity[i], settings.intensity_power);
        sum += weights[i] * weights[i];
    }
    return sum;
}

/* Pairs of peaks within the tolerance, the peaks of b moved by shift; only counted where matches is NULL. */
static uint64_t find_matches(struct peaks a, struct peaks b, double shift, double tolerance, const double *weights_a,
                             const double *weights_b, struct match *matches, uint64_t order) {
    uint64_t lowest = 0, n = 0;
    for (uint64_t i = 0; i < a.n; i++) {
        double low = a.mz[i] - tolerance, high = a.mz[i] + tolerance;
        for (uint64_t j = lowest; j < b.n; j++) {
            double mz = b.mz[j] + shift;
            if (mz > high)
                break;
            if (mz < low) {
                lowest = j + 1;
                continue;
            }
            if (matches)
                matches[n] = (struct match){weights_a[i] * weights_b[j], (uint32_t)i, (uint32_t)j, (uint32_t)(order + n)};
            n++;
        }
    }
    return n;
}

/* The largest product first; of equal ones the match found last. */
static int compare(const void *left, const void *right) {
    const struct match *a = left, *b = right;
    if (a->product != b->product)
        return a->product > b->product ? -1 : 1;
    return a->order > b->order ? -1 : 1;
}

static void sort_matches(struct match *matches, uint64_t n) {
    if (n > 32) {
        qsort(matches, n, sizeof *matches, compare);
        return;
    }
    for (uint64_t i = 1; i < n; i++) {
        struct match moved = matches[i];
        uint64_t place = i;
        for (; place > 0 && compare(&moved, &matches[place - 1]) < 0; place--)
            matches[place] = matches[place - 1];
        matches[place] = moved;
    }
}

bool greedy_cosine(struct peaks a, struct peaks b, double shift, struct greedy_settings settings, struct scratch *scratch,
                   struct greedy_score *result) {
    *result = (struct greedy_score){0, 0};
    bool shifted = fabs(shift) > settings.tolerance;
    uint64_t n = find_matches(a, b, 0, settings.tolerance, NULL, NULL, NULL, 0);
    if (shifted)
        n += find_matches(a, b, shift, settings.tolerance, NULL, NULL, NULL, 0);
    if (n == 0)
        return true;
    uint64_t peaks = a.n + b.n;
    char *bytes = scratch_bytes(scratch, n * sizeof(struct match) + peaks * (sizeof(double) + 1));
    if (!bytes)
        return false;
    struct match *matches = (struct match *)bytes;
    double *weights_a = (double *)(matches + n), *weights_b = weights_a + a.n;
    char *used_a = (char *)(weights_b + b.n), *used_b = used_a + a.n;
    memset(used_a, 0, peaks);
    double norm = sqrt(weigh(a, settings, weights_a)) * sqrt(weigh(b, settings, weights_b));
    uint64_t found = find_matches(a, b, 0, settings.tolerance, weights_a, weights_b, matches, 0);
    if (shifted)
        find_matches(a, b, shift, settings.tolerance, weights_a, weights_b, matches + found, found);
    sort_matches(matches, n);
    double score = 0;
    for (uint64_t i = 0; i < n; i++) {
        if (used_a[matches[i].a] || used_b[matches[i].b])
            continue;
        used_a[matches[i].a] = used_b[matches[i].b] = 1;
        score += matches[i].product;
        result->matched_peaks++;
    }
    result->score = norm > 0 ? score / norm : 0;
    return true;
}
