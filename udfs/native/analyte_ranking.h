/* The analytes of one precursor window, ranked by their best spectrum. */
#ifndef SPECTRADB_ANALYTE_RANKING_H
#define SPECTRADB_ANALYTE_RANKING_H

#include <stdbool.h>
#include <stdint.h>

#include "search_index.h"

/* The best spectrum of one analyte. */
struct best_spectrum {
    float score;
    uint32_t row;
    int32_t analyte;
};

/* Scratch memory for ranking, of one thread at a time. */
struct ranking {
    uint32_t *seen;  /* per analyte: the number of the window that it was last seen in */
    uint32_t *place; /* per analyte: where it stands in best, valid where seen in this window */
    uint32_t window;
    struct best_spectrum *best; /* the analytes of the window; ranked by ranking_of_window up to n_ranked */
    uint64_t n_analytes, n_ranked, capacity;
};

bool ranking_start(struct ranking *ranking, const struct search_index *index);
void ranking_end(struct ranking *ranking);

/* Rows of an ion mode whose precursor m/z is within ppm of the query's: [*begin, *end). */
void window_of(const struct search_index *index, bool positive, double precursor_mz, double ppm, uint64_t *begin, uint64_t *end);

/* Score a window and rank the k + 1 best analytes of it; ties go to the smaller analyte, then library id. The query has
 * index->stride elements. False where memory runs out. */
bool ranking_of_window(struct ranking *ranking, const struct search_index *index, const float *query, uint64_t begin, uint64_t end,
                       uint64_t k);

#endif
