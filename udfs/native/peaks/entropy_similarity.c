/* Spectral entropy similarity; single precision where it decides which peaks are merged and matched. */
#include <math.h>
#include <stdlib.h>

#include "peaks/peak_similarity.h"

struct peak {
    float mz, intensity;
};

/* Place of a peak by intensity; of equal ones the later comes first. */
struct place {
    float intensity;
    uint32_t at;
};

static int by_mz(const void *left, const void *right) {
    const struct peak *a = left, *b = right;
    return a->mz < b->mz ? -1 : a->mz > b->mz;
}

static int by_intensity(const void *left, const void *right) {
    const struct place *a = left, *b = right;
    if (a->intensity != b->intensity)
        return a->intensity > b->intensity ? -1 : 1;
    return a->at > b->at ? -1 : 1;
}

/* The sum of a short range in numpy's order of addition, on which the last digit of a merged m/z depends. */
static float sum(const struct peak *peaks, uint64_t n, bool of_products) {
#define TERM(i) (of_products ? peaks[i].intensity * peaks[i].mz : peaks[i].intensity)
    float total = 0;
    uint64_t i = 0;
    if (n >= 8) {
        float part[8];
        for (; i < 8; i++)
            part[i] = TERM(i);
        for (; i + 8 <= n; i += 8)
            for (int lane = 0; lane < 8; lane++)
                part[lane] += TERM(i + (uint64_t)lane);
        total = ((part[0] + part[1]) + (part[2] + part[3])) + ((part[4] + part[5]) + (part[6] + part[7]));
    }
    for (; i < n; i++)
        total += TERM(i);
    return total;
#undef TERM
}

static bool is_centroided(const struct peak *peaks, uint64_t n, float width) {
    for (uint64_t i = 1; i < n; i++)
        if (!(peaks[i].mz - peaks[i - 1].mz >= width))
            return false;
    return true;
}

/* Merge, from the most intense peak down, all within width into one at their mean; returns how many are left. */
static uint64_t merge(struct peak *peaks, uint64_t n, float width, struct peak *merged, struct place *places) {
    for (uint64_t i = 0; i < n; i++)
        places[i] = (struct place){peaks[i].intensity, (uint32_t)i};
    qsort(places, n, sizeof *places, by_intensity);
    uint64_t n_merged = 0;
    for (uint64_t k = 0; k < n; k++) {
        uint64_t at = places[k].at, begin = at, end = at + 1;
        if (!(peaks[at].intensity > 0))
            continue;
        while (begin > 0 && peaks[at].mz - peaks[begin - 1].mz <= width)
            begin--;
        while (end < n && peaks[end].mz - peaks[at].mz <= width)
            end++;
        float intensity = sum(peaks + begin, end - begin, false);
        merged[n_merged++] = (struct peak){sum(peaks + begin, end - begin, true) / intensity, intensity};
        for (uint64_t i = begin; i < end; i++)
            peaks[i].intensity = 0;
    }
    qsort(merged, n_merged, sizeof *merged, by_mz);
    for (uint64_t i = 0; i < n_merged; i++)
        peaks[i] = merged[i];
    return n_merged;
}

/* Clean a spectrum and weight it by its entropy; returns how many peaks are left. */
static uint64_t prepare(struct peaks from, float width, float noise_threshold, struct peak *peaks, struct peak *merged,
                        struct place *places) {
    uint64_t n = 0;
    for (uint64_t i = 0; i < from.n; i++) {
        struct peak peak = {(float)from.mz[i], (float)from.intensity[i]};
        if (peak.mz > 0 && peak.intensity > 0)
            peaks[n++] = peak;
    }
    qsort(peaks, n, sizeof *peaks, by_mz);
    while (!is_centroided(peaks, n, width)) {
        uint64_t before = n;
        n = merge(peaks, n, width, merged, places);
        if (n == before) /* rounding keeps them apart by less than the width for good */
            break;
    }
    float largest = 0, total = 0;
    for (uint64_t i = 0; i < n; i++)
        largest = peaks[i].intensity > largest ? peaks[i].intensity : largest;
    uint64_t kept = 0;
    for (uint64_t i = 0; i < n; i++)
        if (peaks[i].intensity >= noise_threshold * largest)
            peaks[kept++] = peaks[i];
    total = sum(peaks, kept, false);
    double entropy = 0;
    for (uint64_t i = 0; i < kept; i++) {
        peaks[i].intensity /= total;
        entropy -= peaks[i].intensity * log(peaks[i].intensity);
    }
    if (entropy < 3) {
        float weight = (float)(0.25 + 0.25 * entropy);
        for (uint64_t i = 0; i < kept; i++)
            peaks[i].intensity = powf(peaks[i].intensity, weight);
        total = sum(peaks, kept, false);
        for (uint64_t i = 0; i < kept; i++)
            peaks[i].intensity /= total;
    }
    return kept;
}

bool entropy_similarity(struct peaks a, struct peaks b, double tolerance, double noise_threshold, struct scratch *scratch,
                        double *result) {
    *result = 0;
    uint64_t most = a.n > b.n ? a.n : b.n;
    struct peak *peaks_a = scratch_bytes(scratch, (a.n + b.n + most) * sizeof(struct peak) + most * sizeof(struct place) + 1);
    if (!peaks_a)
        return false;
    struct peak *peaks_b = peaks_a + a.n, *merged = peaks_b + b.n;
    struct place *places = (struct place *)(merged + most);
    float width = (float)(2 * tolerance), apart = (float)tolerance;
    uint64_t n_a = prepare(a, width, (float)noise_threshold, peaks_a, merged, places);
    uint64_t n_b = prepare(b, width, (float)noise_threshold, peaks_b, merged, places);
    double similarity = 0;
    for (uint64_t i = 0, j = 0; i < n_a && j < n_b;) {
        float difference = peaks_a[i].mz - peaks_b[j].mz;
        if (difference < -apart) {
            i++;
        } else if (difference > apart) {
            j++;
        } else {
            double x = peaks_a[i++].intensity, y = peaks_b[j++].intensity;
            similarity += (x + y) * log2(x + y) - x * log2(x) - y * log2(y);
        }
    }
    *result = similarity / 2;
    return true;
}
