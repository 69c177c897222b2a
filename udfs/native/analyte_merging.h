/* An analyte's best spectra of one window, merged; the same scores as schemas/macros/similarity/merged_pairs.sql. */
#ifndef SPECTRADB_ANALYTE_MERGING_H
#define SPECTRADB_ANALYTE_MERGING_H

#include <stdint.h>

#include "search_index.h"

#define MOST_MERGED 64

/* A spectrum of a window with its score, and the one of the same analyte that was met before. */
struct met_spectrum {
    float score;
    uint32_t row, before; /* before: its place + 1, 0 where there is none */
};

/* The score of the best spectra merged, as far as merging them helps; sum has room for index->stride elements.
 * newest: place + 1 of the analyte's spectrum that was met last; most: spectra to merge, 1 to MOST_MERGED. */
float merged_score(const struct search_index *index, const struct met_spectrum *met, uint32_t newest, uint32_t most, float *sum);

#endif
