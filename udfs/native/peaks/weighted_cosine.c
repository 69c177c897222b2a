/* MZmine's weighted cosine, as spectradb/similarity/weighted_cosine.py defines it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "peaks/peak_similarity.h"

struct ranked {
    float intensity; /* single precision decides who is more intense, as in the tables */
    uint64_t at;
};

static int by_intensity(const void *left, const void *right) {
    const struct ranked *a = left, *b = right;
    if (a->intensity != b->intensity)
        return a->intensity > b->intensity ? -1 : 1;
    return a->at < b->at ? -1 : a->at > b->at;
}

static double weights_of(struct peaks peaks, struct weighted_settings settings, double *weight) {
    double sum = 0;
    for (uint64_t i = 0; i < peaks.n; i++) {
        double of_intensity = pow((double)(float)peaks.intensity[i], settings.intensity_power);
        weight[i] = pow(peaks.mz[i], settings.mz_power) * of_intensity;
        sum += weight[i] * weight[i];
    }
    return sqrt(sum);
}

/* First peak whose m/z is not below a bound. */
static uint64_t first_from(struct peaks peaks, double mz) {
    uint64_t low = 0, high = peaks.n;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (peaks.mz[middle] < mz)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool weighted_cosine(struct peaks query, struct peaks library, struct weighted_settings settings, struct scratch *scratch,
                     double *result) {
    uint64_t size = (query.n + library.n) * sizeof(double) + library.n * sizeof(struct ranked) + query.n;
    double *of_query = scratch_bytes(scratch, size ? size : 1);
    if (!of_query)
        return false;
    double *of_library = of_query + query.n;
    struct ranked *order = (struct ranked *)(of_library + library.n);
    char *is_used = (char *)(order + library.n);
    memset(is_used, 0, query.n);
    double norm = weights_of(query, settings, of_query) * weights_of(library, settings, of_library), sum = 0;
    for (uint64_t i = 0; i < library.n; i++)
        order[i] = (struct ranked){(float)library.intensity[i], i};
    qsort(order, library.n, sizeof *order, by_intensity);
    bool is_matched = false;
    for (uint64_t i = 0; i < library.n; i++) {
        double mz = library.mz[order[i].at], tolerance = settings.tolerance_ppm * 1e-6 * mz;
        uint64_t best = query.n;
        for (uint64_t j = first_from(query, mz - tolerance); j < query.n && query.mz[j] <= mz + tolerance; j++)
            if (!is_used[j] && (best == query.n || (float)query.intensity[j] > (float)query.intensity[best]))
                best = j;
        if (best < query.n) {
            is_used[best] = 1;
            is_matched = true;
            sum += of_query[best] * of_library[order[i].at];
        }
    }
    *result = is_matched ? sum / norm : 0;
    return true;
}
