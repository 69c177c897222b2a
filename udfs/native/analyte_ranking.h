/* The analytes of one precursor window, ranked by their best spectrum or by their best spectra merged. */
#ifndef SPECTRADB_ANALYTE_RANKING_H
#define SPECTRADB_ANALYTE_RANKING_H

#include <stdbool.h>
#include <stdint.h>

#include "analyte_merging.h"
#include "search_index.h"

/* The best spectrum of one analyte; where spectra are merged, the score is that of the merged ones. */
struct best_spectrum {
    float score;
    uint32_t row, newest; /* newest: place + 1 of the analyte's spectrum that was met last */
    int32_t analyte;
};

/* Scratch memory for ranking, of one thread at a time. */
struct ranking {
    uint32_t *seen;  /* per analyte: the number of the window that it was last seen in */
    uint32_t *place; /* per analyte: where it stands in best, valid where seen in this window */
    uint32_t window;
    struct best_spectrum *best; /* the analytes of the window; ranked by ranking_of_window up to n_ranked */
    uint64_t n_analytes, n_ranked, capacity;
    struct met_spectrum *met; /* the spectra of the window that have an analyte */
    uint32_t n_met;
    float *sum; /* as long as a vector of the index */
};

bool ranking_start(struct ranking *ranking, const struct search_index *index);
void ranking_end(struct ranking *ranking);

/* Rows of an ion mode whose precursor m/z is within ppm of the query's: [*begin, *end). */
void window_of(const struct search_index *index, bool positive, double precursor_mz, double ppm, uint64_t *begin, uint64_t *end);

/* Score a window and rank the k + 1 best analytes of it; ties go to the smaller analyte, then library id. The query has
 * index->stride elements. spectra: most of an analyte that are merged, 1 to MOST_MERGED. False where memory runs out. */
bool ranking_of_window(struct ranking *ranking, const struct search_index *index, const float *query, uint64_t begin, uint64_t end,
                       uint64_t k, uint32_t spectra);

#endif
