/* Reading spectra as connections of Python do: what is no peak is left out, the others come by rising m/z. */
#include "peaks/peak_lists.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

struct sortable {
    double mz, intensity;
    uint64_t place;
};

static int by_mz(const void *left, const void *right) {
    const struct sortable *a = left, *b = right;
    if (a->mz != b->mz)
        return a->mz < b->mz ? -1 : 1;
    return a->place < b->place ? -1 : a->place > b->place;
}

static bool is_usable(double mz, double intensity) { return mz > 0 && intensity > 0 && isfinite(mz) && isfinite(intensity); }

bool spectrum_lists_of(void *info, void *chunk, uint64_t mz, uint64_t intensity, struct spectrum_lists *lists) {
    *lists = (struct spectrum_lists){.sorted = {0}};
    if (numbers_of(chunk, mz, TYPE_DOUBLE, &lists->mz) && numbers_of(chunk, intensity, TYPE_DOUBLE, &lists->intensity))
        return true;
    api_scalar_function_set_error(info, "peaks must be lists of DOUBLE");
    return false;
}

bool pair_lists_of(void *info, void *chunk, const uint64_t columns[4], struct pair_lists *lists) {
    return spectrum_lists_of(info, chunk, columns[0], columns[1], &lists->sides[0]) &&
           spectrum_lists_of(info, chunk, columns[2], columns[3], &lists->sides[1]);
}

/* Copy the usable peaks of a row in order of m/z; false where memory runs out. */
static bool copy_usable(struct spectrum_lists *lists, struct api_list of_mz, struct api_list of_intensity, struct peaks *peaks) {
    struct sortable *pairs = scratch_bytes(&lists->sorted, peaks->n * (sizeof *pairs + 2 * sizeof(double)));
    if (!pairs)
        return false;
    double *mz = (double *)(pairs + peaks->n), *intensity = mz + peaks->n;
    uint64_t n = 0;
    for (uint64_t i = 0; i < peaks->n; i++) {
        bool is_known = api_is_valid(lists->mz.value_validity, of_mz.offset + i) &&
                        api_is_valid(lists->intensity.value_validity, of_intensity.offset + i);
        if (is_known && is_usable(peaks->mz[i], peaks->intensity[i])) {
            pairs[n] = (struct sortable){peaks->mz[i], peaks->intensity[i], n};
            n++;
        }
    }
    qsort(pairs, n, sizeof *pairs, by_mz);
    for (uint64_t i = 0; i < n; i++) {
        mz[i] = pairs[i].mz;
        intensity[i] = pairs[i].intensity;
    }
    *peaks = (struct peaks){mz, intensity, n};
    return true;
}

enum read_result read_spectrum(struct spectrum_lists *lists, uint64_t row, struct peaks *peaks, char message[MESSAGE_SIZE]) {
    if (!api_is_valid(lists->mz.validity, row) || !api_is_valid(lists->intensity.validity, row))
        return IS_NULL;
    struct api_list of_mz = numbers_range(&lists->mz, row), of_intensity = numbers_range(&lists->intensity, row);
    if (of_mz.length != of_intensity.length || of_mz.length > INT32_MAX) {
        snprintf(message, MESSAGE_SIZE, "a spectrum has %llu m/z values and %llu intensities: give one intensity per peak",
                 (unsigned long long)of_mz.length, (unsigned long long)of_intensity.length);
        return FAILED;
    }
    *peaks = (struct peaks){(const double *)lists->mz.values + of_mz.offset,
                            (const double *)lists->intensity.values + of_intensity.offset, of_mz.length};
    bool is_ready = numbers_are_valid(&lists->mz, of_mz) && numbers_are_valid(&lists->intensity, of_intensity);
    for (uint64_t i = 0; is_ready && i < peaks->n; i++)
        is_ready = is_usable(peaks->mz[i], peaks->intensity[i]) && (i == 0 || peaks->mz[i] >= peaks->mz[i - 1]);
    if (is_ready || copy_usable(lists, of_mz, of_intensity, peaks))
        return READ;
    snprintf(message, MESSAGE_SIZE, "there is no memory left for the peaks");
    return FAILED;
}

enum read_result read_pair(struct pair_lists *lists, uint64_t row, struct peaks pair[2], char message[MESSAGE_SIZE]) {
    enum read_result first = read_spectrum(&lists->sides[0], row, &pair[0], message);
    return first == READ ? read_spectrum(&lists->sides[1], row, &pair[1], message) : first;
}

void spectrum_lists_end(struct spectrum_lists *lists) { free(lists->sorted.bytes); }

void pair_lists_end(struct pair_lists *lists) {
    spectrum_lists_end(&lists->sides[0]);
    spectrum_lists_end(&lists->sides[1]);
}
