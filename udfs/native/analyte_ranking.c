/* Windows, scores and ranks; the same rows as schemas/macros/similarity/rank_analytes.sql, and merged_pairs.sql before it. */
#include "analyte_ranking.h"

#include <stdlib.h>
#include <string.h>

bool ranking_start(struct ranking *ranking, const struct search_index *index) {
    memset(ranking, 0, sizeof *ranking);
    ranking->seen = calloc(index->n_analytes + 1, sizeof *ranking->seen);
    ranking->place = malloc((index->n_analytes + 1) * sizeof *ranking->place);
    ranking->sum = malloc((index->stride + 1) * sizeof *ranking->sum);
    return ranking->seen && ranking->place && ranking->sum;
}

void ranking_end(struct ranking *ranking) {
    free(ranking->seen);
    free(ranking->place);
    free(ranking->best);
    free(ranking->met);
    free(ranking->sum);
}

/* First row of [begin, end) whose m/z minus the query's is at least (beyond: more than) a difference. */
static uint64_t first_row(const double *mz, uint64_t begin, uint64_t end, double query_mz, double difference, bool beyond) {
    while (begin < end) {
        uint64_t middle = begin + (end - begin) / 2;
        double found = mz[middle] - query_mz;
        if (beyond ? found > difference : found >= difference)
            end = middle;
        else
            begin = middle + 1;
    }
    return begin;
}

void window_of(const struct search_index *index, bool positive, double precursor_mz, double ppm, uint64_t *begin, uint64_t *end) {
    uint64_t first = positive ? index->negative_rows : 0, last = positive ? index->rows : index->negative_rows;
    /* The very expression of the SQL macro; differences of doubles keep their order, so that the window is one range of rows. */
    double tolerance = precursor_mz * ppm * 1e-6;
    *begin = first_row(index->precursor_mz, first, last, precursor_mz, -tolerance, false);
    *end = first_row(index->precursor_mz, *begin, last, precursor_mz, tolerance, true);
}

static void meet(struct ranking *ranking, const struct search_index *index, uint64_t row, float score) {
    int32_t analyte = index->analytes[row];
    if (analyte < 0)
        return;
    bool is_new = ranking->seen[analyte] != ranking->window;
    if (is_new) {
        ranking->seen[analyte] = ranking->window;
        ranking->place[analyte] = (uint32_t)ranking->n_analytes;
        ranking->best[ranking->n_analytes++] = (struct best_spectrum){score, (uint32_t)row, 0, analyte};
    }
    struct best_spectrum *best = &ranking->best[ranking->place[analyte]];
    ranking->met[ranking->n_met++] = (struct met_spectrum){score, (uint32_t)row, best->newest};
    best->newest = ranking->n_met;
    if (is_new)
        return;
    if (score > best->score || (score == best->score && index->ids[row] < index->ids[best->row])) {
        best->score = score;
        best->row = (uint32_t)row;
    }
}

static int compare(const void *left, const void *right) {
    const struct best_spectrum *a = left, *b = right;
    if (a->score != b->score)
        return a->score > b->score ? -1 : 1;
    return a->analyte < b->analyte ? -1 : a->analyte > b->analyte;
}

/* Bring the n best to the front, in order. */
static void rank(struct best_spectrum *best, uint64_t size, uint64_t n) {
    if (n >= size || n > 64) {
        qsort(best, size, sizeof *best, compare);
        return;
    }
    qsort(best, n, sizeof *best, compare);
    for (uint64_t i = n; i < size; i++) {
        if (compare(&best[i], &best[n - 1]) > 0)
            continue;
        struct best_spectrum better = best[i];
        best[i] = best[n - 1];
        uint64_t place = n - 1;
        for (; place > 0 && compare(&better, &best[place - 1]) < 0; place--)
            best[place] = best[place - 1];
        best[place] = better;
    }
}

bool ranking_of_window(struct ranking *ranking, const struct search_index *index, const float *query, uint64_t begin, uint64_t end,
                       uint64_t k, uint32_t spectra) {
    uint64_t most = end - begin;
    if (most > ranking->capacity) {
        struct best_spectrum *larger = realloc(ranking->best, most * 2 * sizeof *larger);
        if (!larger)
            return false;
        ranking->best = larger;
        struct met_spectrum *more = realloc(ranking->met, most * 2 * sizeof *more);
        if (!more)
            return false;
        ranking->met = more;
        ranking->capacity = most * 2;
    }
    ranking->window++;
    ranking->n_analytes = 0;
    ranking->n_met = 0;
    for (uint64_t row = begin; row < end; row += 4) {
        const void *stored[4];
        float scores[4];
        uint64_t n = end - row < 4 ? end - row : 4;
        for (uint64_t i = 0; i < 4; i++)
            stored[i] = index_vector(index, row + (i < n ? i : 0));
        index->inner_products(stored, query, index->stride, scores);
        for (uint64_t i = 0; i < n; i++)
            meet(ranking, index, row + i, scores[i] * index->scales[row + i]);
    }
    for (uint64_t i = 0; spectra > 1 && i < ranking->n_analytes; i++) {
        struct best_spectrum *best = &ranking->best[i];
        if (ranking->met[best->newest - 1].before)
            best->score = merged_score(index, ranking->met, best->newest, spectra, ranking->sum);
    }
    ranking->n_ranked = ranking->n_analytes <= k ? ranking->n_analytes : k + 1;
    rank(ranking->best, ranking->n_analytes, ranking->n_ranked);
    return true;
}
