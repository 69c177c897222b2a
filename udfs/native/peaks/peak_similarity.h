/* Similarities of two peak lists. */
#ifndef SPECTRADB_PEAK_SIMILARITY_H
#define SPECTRADB_PEAK_SIMILARITY_H

#include <stdbool.h>
#include <stdint.h>

/* Peaks of one spectrum in ascending order of m/z. */
struct peaks {
    const double *mz, *intensity;
    uint64_t n;
};

struct greedy_settings {
    double tolerance; /* Da */
    double mz_power, intensity_power;
};

struct greedy_score {
    double score;
    int32_t matched_peaks;
};

/* Memory that is used again from pair to pair. */
struct scratch {
    void *bytes;
    uint64_t capacity;
};

/* Cosine with peaks paired greedily, the largest product first, as matchms 0.33 defines CosineGreedy; with a shift beyond the
 * tolerance also peaks of b moved by it, as ModifiedCosineGreedy. shift is the precursor m/z of a minus that of b; 0 for none.
 * False where memory runs out. */
bool greedy_cosine(struct peaks a, struct peaks b, double shift, struct greedy_settings settings, struct scratch *scratch,
                   struct greedy_score *result);

/* Spectral entropy similarity (Li et al., Nat. Methods 18, 1524-1531, 2021) of cleaned spectra, in single precision as the
 * Python code of ms_entropy 1.5 computes it (its compiled code differs where an m/z repeats within a spectrum): peaks closer
 * than twice the tolerance are merged, those below noise_threshold of the largest dropped.
 * False where memory runs out. */
bool entropy_similarity(struct peaks a, struct peaks b, double tolerance, double noise_threshold, struct scratch *scratch,
                        double *result);

struct weighted_settings {
    double tolerance_ppm;
    double mz_power, intensity_power;
};

/* Weighted cosine of a query and a library spectrum as MZmine scores matches: library signals, from the most intense on, each
 * take the most intense query signal that is free and within the tolerance of their m/z; of equal ones that of lower m/z.
 * False where memory runs out. */
bool weighted_cosine(struct peaks query, struct peaks library, struct weighted_settings settings, struct scratch *scratch,
                     double *result);

/* At least this many bytes of scratch memory, NULL where memory runs out. */
void *scratch_bytes(struct scratch *scratch, uint64_t bytes);

#endif
