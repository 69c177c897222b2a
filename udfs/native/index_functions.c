/* index_inner_product, index_rank_analytes and index_fingerprint. */
#include "index_functions.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyte_ranking.h"
#include "search_index.h"
#include "vectors.h"

/* The index that the current rows name, held for as long as they name the same. */
struct held_index {
    const struct search_index *index;
    const char *path;
    uint32_t length;
};

static bool hold(struct held_index *held, const struct api_string *path, char message[MESSAGE_SIZE]) {
    const char *text = api_text(path);
    if (held->index && held->length == path->length && memcmp(held->path, text, path->length) == 0)
        return true;
    index_release(held->index);
    *held = (struct held_index){index_acquire(text, path->length, message), text, path->length};
    return held->index != NULL;
}

/* The vector of a row padded with zeros to the index's stride; NULL with a message where it does not fit. */
static bool read_query(const struct numbers *embeddings, uint64_t row, const struct search_index *index, float **query,
                       uint64_t *capacity, char message[MESSAGE_SIZE]) {
    struct api_list range = numbers_range(embeddings, row);
    if (range.length != index->dimension) {
        snprintf(message, MESSAGE_SIZE, "the embedding has %llu dimensions, the vectors of the search index %llu: use the same model",
                 (unsigned long long)range.length, (unsigned long long)index->dimension);
        return false;
    }
    if (index->stride > *capacity) {
        free(*query);
        *query = malloc(index->stride * sizeof **query);
        *capacity = *query ? index->stride : 0;
        if (!*query) {
            snprintf(message, MESSAGE_SIZE, "there is no memory left for a vector");
            return false;
        }
    }
    memcpy(*query, (const float *)embeddings->values + range.offset, range.length * sizeof **query);
    memset(*query + range.length, 0, (index->stride - range.length) * sizeof **query);
    return true;
}

static const char NO_FLOATS[] = "the embedding must be FLOAT[n] or FLOAT[]: cast it, as in embedding::FLOAT[]";

static void index_inner_product(void *info, void *chunk, void *output) {
    char message[MESSAGE_SIZE];
    struct argument paths = argument_of(chunk, 0), rows = argument_of(chunk, 1);
    struct numbers embeddings;
    if (!numbers_of(chunk, 2, TYPE_FLOAT, &embeddings)) {
        api_scalar_function_set_error(info, NO_FLOATS);
        return;
    }
    float *result = api_vector_get_data(output), *query = NULL;
    uint64_t n = api_data_chunk_get_size(chunk), capacity = 0;
    struct held_index held = {0};
    bool ok = true;
    for (uint64_t i = 0; ok && i < n; i++) {
        if (!api_is_valid(paths.validity, i) || !api_is_valid(rows.validity, i) || !api_is_valid(embeddings.validity, i) ||
            !numbers_are_valid(&embeddings, numbers_range(&embeddings, i))) {
            api_set_null(output, i);
            continue;
        }
        int64_t row = ((const int64_t *)rows.data)[i];
        ok = hold(&held, (const struct api_string *)paths.data + i, message) &&
             read_query(&embeddings, i, held.index, &query, &capacity, message);
        if (ok && (row < 0 || (uint64_t)row >= held.index->rows)) {
            snprintf(message, MESSAGE_SIZE, "the search index has no row %lld: its rows are 0 to %lld", (long long)row,
                     (long long)held.index->rows - 1);
            ok = false;
        }
        ok = ok && index_check_vectors(held.index, (uint64_t)row, (uint64_t)row + 1, message);
        if (ok) {
            const void *stored = index_vector(held.index, (uint64_t)row), *four[4] = {stored, stored, stored, stored};
            float scores[4];
            held.index->inner_products(four, query, held.index->stride, scores);
            result[i] = scores[0] * held.index->scales[row];
        }
    }
    if (!ok)
        api_scalar_function_set_error(info, message);
    free(query);
    index_release(held.index);
}

/* One ranked analyte of one query. */
struct hit {
    int64_t library_id;
    double ppm_error;
    float score, score_gap;
    int32_t rank, n_candidates;
    bool is_last;
};

struct hits {
    struct hit *rows;
    uint64_t size, capacity;
};

static bool add_hits(struct hits *hits, const struct ranking *ranking, const struct search_index *index, double precursor_mz,
                     uint64_t k) {
    uint64_t n = ranking->n_ranked < k ? ranking->n_ranked : k;
    if (hits->size + n > hits->capacity) {
        uint64_t capacity = (hits->size + n) * 2;
        struct hit *larger = realloc(hits->rows, capacity * sizeof *larger);
        if (!larger)
            return false;
        hits->rows = larger;
        hits->capacity = capacity;
    }
    for (uint64_t i = 0; i < n; i++) {
        const struct best_spectrum *best = &ranking->best[i];
        bool is_last = i + 1 == ranking->n_ranked;
        hits->rows[hits->size++] = (struct hit){
            .library_id = index->ids[best->row],
            .ppm_error = (index->precursor_mz[best->row] - precursor_mz) / precursor_mz * 1e6,
            .score = best->score,
            .score_gap = is_last ? 0 : best->score - best[1].score,
            .rank = (int32_t)i + 1,
            .n_candidates = (int32_t)ranking->n_analytes,
            .is_last = is_last,
        };
    }
    return true;
}

static void write_hits(void *output, const struct hits *hits) {
    api_list_vector_reserve(output, hits->size);
    api_list_vector_set_size(output, hits->size);
    void *fields = api_list_vector_get_child(output), *field[6];
    for (uint64_t i = 0; i < 6; i++)
        field[i] = api_struct_vector_get_child(fields, i);
    int32_t *rank = api_vector_get_data(field[0]), *n_candidates = api_vector_get_data(field[4]);
    int64_t *library_id = api_vector_get_data(field[1]);
    float *score = api_vector_get_data(field[2]), *score_gap = api_vector_get_data(field[5]);
    double *ppm_error = api_vector_get_data(field[3]);
    for (uint64_t i = 0; i < hits->size; i++) {
        const struct hit *hit = &hits->rows[i];
        rank[i] = hit->rank;
        library_id[i] = hit->library_id;
        score[i] = hit->score;
        ppm_error[i] = hit->ppm_error;
        n_candidates[i] = hit->n_candidates;
        score_gap[i] = hit->score_gap;
        if (hit->is_last)
            api_set_null(field[5], i);
    }
}

/* -1 for an ion mode that has no rows, as NULL. */
static int read_ion_mode(const struct api_string *mode) {
    if (mode->length == 8 && memcmp(api_text(mode), "positive", 8) == 0)
        return 1;
    return mode->length == 8 && memcmp(api_text(mode), "negative", 8) == 0 ? 0 : -1;
}

enum { PATH, FINGERPRINT, ION_MODE, PRECURSOR_MZ, EMBEDDING, PPM, K, SPECTRA, N_ARGUMENTS };

/* What a chunk of queries is ranked with. */
struct rank_state {
    struct argument arguments[N_ARGUMENTS];
    struct numbers embeddings;
    struct held_index held;
    const struct search_index *ranked_index; /* the one that the scratch memory is for */
    struct ranking ranking;
    struct hits hits;
    float *query;
    uint64_t capacity;
};

static bool is_current(const struct search_index *index, const struct api_string *fingerprint, char message[MESSAGE_SIZE]) {
    size_t length = strlen(index->fingerprint);
    if (fingerprint->length == 0 || (fingerprint->length == length && memcmp(api_text(fingerprint), index->fingerprint, length) == 0))
        return true;
    snprintf(message, MESSAGE_SIZE, "the search index was built from other spectra than those asked for: build it again");
    return false;
}

static bool start_query(struct rank_state *state, uint64_t i, char message[MESSAGE_SIZE]) {
    struct argument *arguments = state->arguments;
    if (!api_is_valid(arguments[FINGERPRINT].validity, i)) {
        snprintf(message, MESSAGE_SIZE, "the fingerprint is NULL: give the one that the search index was built with, or '' for any");
        return false;
    }
    if (!hold(&state->held, (const struct api_string *)arguments[PATH].data + i, message) ||
        !is_current(state->held.index, (const struct api_string *)arguments[FINGERPRINT].data + i, message) ||
        !read_query(&state->embeddings, i, state->held.index, &state->query, &state->capacity, message))
        return false;
    if (state->ranked_index != state->held.index) {
        ranking_end(&state->ranking);
        state->ranked_index = state->held.index;
        if (!ranking_start(&state->ranking, state->held.index)) {
            snprintf(message, MESSAGE_SIZE, "there is no memory left to rank analytes");
            return false;
        }
    }
    return true;
}

static bool rank_query(struct rank_state *state, uint64_t i, char message[MESSAGE_SIZE]) {
    struct argument *arguments = state->arguments;
    int mode = read_ion_mode((const struct api_string *)arguments[ION_MODE].data + i);
    double precursor_mz = ((const double *)arguments[PRECURSOR_MZ].data)[i], ppm = ((const double *)arguments[PPM].data)[i];
    int64_t k = ((const int64_t *)arguments[K].data)[i], spectra = ((const int64_t *)arguments[SPECTRA].data)[i];
    if (!(ppm >= 0) || k < 1 || spectra < 1 || spectra > MOST_MERGED) {
        snprintf(message, MESSAGE_SIZE,
                 "ppm is %g, k is %lld and spectra %lld: give a tolerance that is not negative, at least 1 analyte, and 1 to %d spectra "
                 "to merge",
                 ppm, (long long)k, (long long)spectra, MOST_MERGED);
        return false;
    }
    if (!start_query(state, i, message))
        return false;
    if (mode < 0 || !(precursor_mz > 0))
        return true;
    const struct search_index *index = state->held.index;
    uint64_t begin, end, most = (uint64_t)k < index->rows ? (uint64_t)k : index->rows;
    window_of(index, mode == 1, precursor_mz, ppm, &begin, &end);
    if (begin == end)
        return true;
    if (!index_check_vectors(index, begin, end, message))
        return false;
    if (!ranking_of_window(&state->ranking, index, state->query, begin, end, most, (uint32_t)spectra) ||
        !add_hits(&state->hits, &state->ranking, index, precursor_mz, most)) {
        snprintf(message, MESSAGE_SIZE, "there is no memory left to rank analytes");
        return false;
    }
    return true;
}

static void index_rank_analytes(void *info, void *chunk, void *output) {
    char message[MESSAGE_SIZE];
    struct rank_state state = {0};
    for (int column = 0; column < N_ARGUMENTS; column++)
        if (column != EMBEDDING)
            state.arguments[column] = argument_of(chunk, (uint64_t)column);
    if (!numbers_of(chunk, EMBEDDING, TYPE_FLOAT, &state.embeddings)) {
        api_scalar_function_set_error(info, NO_FLOATS);
        return;
    }
    state.arguments[EMBEDDING].validity = state.embeddings.validity;
    struct api_list *lists = api_vector_get_data(output);
    uint64_t n = api_data_chunk_get_size(chunk);
    bool ok = true;
    for (uint64_t i = 0; ok && i < n; i++) {
        bool is_null = false;
        for (int column = 0; column < N_ARGUMENTS; column++)
            is_null = is_null || (column != FINGERPRINT && !api_is_valid(state.arguments[column].validity, i));
        is_null = is_null || !numbers_are_valid(&state.embeddings, numbers_range(&state.embeddings, i));
        lists[i] = (struct api_list){state.hits.size, 0};
        if (is_null)
            api_set_null(output, i);
        else
            ok = rank_query(&state, i, message);
        lists[i].length = state.hits.size - lists[i].offset;
    }
    if (ok)
        write_hits(output, &state.hits);
    else
        api_scalar_function_set_error(info, message);
    ranking_end(&state.ranking);
    free(state.hits.rows);
    free(state.query);
    index_release(state.held.index);
}

static void index_fingerprint(void *info, void *chunk, void *output) {
    char message[MESSAGE_SIZE];
    struct argument paths = argument_of(chunk, 0);
    struct held_index held = {0};
    uint64_t n = api_data_chunk_get_size(chunk);
    for (uint64_t i = 0; i < n; i++) {
        if (!api_is_valid(paths.validity, i)) {
            api_set_null(output, i);
        } else if (hold(&held, (const struct api_string *)paths.data + i, message)) {
            api_vector_assign_string_element_len(output, i, held.index->fingerprint, strlen(held.index->fingerprint));
        } else {
            api_scalar_function_set_error(info, message);
            break;
        }
    }
    index_release(held.index);
}

bool register_index_functions(void *connection) {
    void *text = api_create_logical_type(TYPE_VARCHAR), *whole = api_create_logical_type(TYPE_BIGINT);
    void *single = api_create_logical_type(TYPE_FLOAT), *number = api_create_logical_type(TYPE_DOUBLE);
    void *count = api_create_logical_type(TYPE_INTEGER), *any = api_create_logical_type(TYPE_ANY);
    const char *names[] = {"rank", "library_id", "score", "ppm_error", "n_candidate_analytes", "score_gap"};
    void *types[] = {count, whole, single, number, count, single};
    void *hit = api_create_struct_type(types, names, 6), *hits = api_create_list_type(hit);
    void *product[] = {text, whole, any}, *ranked[] = {text, text, text, number, any, number, whole, whole};
    bool done = register_scalar(connection, "index_inner_product", product, 3, single, index_inner_product) &&
                register_scalar(connection, "index_rank_analytes", ranked, N_ARGUMENTS, hits, index_rank_analytes) &&
                register_scalar(connection, "index_fingerprint", &text, 1, text, index_fingerprint);
    void **all[] = {&text, &whole, &single, &number, &count, &any, &hit, &hits};
    for (int i = 0; i < 8; i++)
        api_destroy_logical_type(all[i]);
    return done;
}
