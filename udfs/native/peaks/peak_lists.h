/* Spectra as arguments: lists of m/z and intensities, of which peaks that are not positive and finite are left out. */
#ifndef SPECTRADB_PEAK_LISTS_H
#define SPECTRADB_PEAK_LISTS_H

#include <stdbool.h>
#include <stdint.h>

#include "peaks/peak_similarity.h"
#include "vectors.h"

#define MESSAGE_SIZE 512

enum read_result { READ, IS_NULL, FAILED };

/* The lists of one spectrum a row, and memory for peaks that are put in order. */
struct spectrum_lists {
    struct numbers mz, intensity;
    struct scratch sorted;
};

/* Both spectra of a chunk of pairs. */
struct pair_lists {
    struct spectrum_lists sides[2];
};

/* Columns of m/z and intensities; where they hold something else, the engine is told and the result false. */
bool spectrum_lists_of(void *info, void *chunk, uint64_t mz, uint64_t intensity, struct spectrum_lists *lists);
bool pair_lists_of(void *info, void *chunk, const uint64_t columns[4], struct pair_lists *lists);

/* Usable peaks of a row in ascending order of m/z, valid until the next row is read. FAILED: the message says why. */
enum read_result read_spectrum(struct spectrum_lists *lists, uint64_t row, struct peaks *peaks, char message[MESSAGE_SIZE]);
enum read_result read_pair(struct pair_lists *lists, uint64_t row, struct peaks pair[2], char message[MESSAGE_SIZE]);

void spectrum_lists_end(struct spectrum_lists *lists);
void pair_lists_end(struct pair_lists *lists);

#endif
