/* Of an analyte's spectra in descending order of score, the first m merged score sum(scores) / |sum(vectors)|; the best m counts. A sum
 * shorter than one vector counts as long as one: what cancels says nothing. */
#include "analyte_merging.h"

#include <math.h>
#include <string.h>

static bool is_better(const struct search_index *index, const struct met_spectrum *a, const struct met_spectrum *b) {
    return a->score > b->score || (a->score == b->score && index->ids[a->row] < index->ids[b->row]);
}

/* Collect the best spectra in order; returns how many. */
static uint32_t best_spectra(const struct search_index *index, const struct met_spectrum *met, uint32_t newest, uint32_t most,
                             const struct met_spectrum *best[MOST_MERGED]) {
    uint32_t n = 0;
    for (uint32_t next = newest; next; next = met[next - 1].before) {
        const struct met_spectrum *spectrum = &met[next - 1];
        if (n == most && !is_better(index, spectrum, best[n - 1]))
            continue;
        uint32_t place = n < most ? n++ : n - 1;
        for (; place > 0 && is_better(index, spectrum, best[place - 1]); place--)
            best[place] = best[place - 1];
        best[place] = spectrum;
    }
    return n;
}

float merged_score(const struct search_index *index, const struct met_spectrum *met, uint32_t newest, uint32_t most, float *sum) {
    const struct met_spectrum *best[MOST_MERGED] = {0};
    uint32_t n = best_spectra(index, met, newest, most, best);
    float highest = best[0]->score;
    double scores = 0;
    memset(sum, 0, index->stride * sizeof *sum);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t row = best[i]->row;
        double squared = index->add_vector(index_vector(index, row), index->scales[row], sum, index->stride);
        scores += best[i]->score;
        float merged = (float)(scores / sqrt(squared > 1 ? squared : 1));
        if (i && merged > highest)
            highest = merged;
    }
    return highest;
}
