/* Opening, checking and sharing search indexes within the process. */
#include "search_index.h"

#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC "SPDBINDX"
#define FORMAT_VERSION 2
#define REMEDY "Build it again"

struct header {
    char magic[8];
    uint32_t version, element_size;
    uint64_t rows, negative_rows, n_analytes, block_rows;
    uint32_t dimension, stride;
    uint64_t vector_offset, mz_offset, id_offset, analyte_offset, scale_offset, checksum_offset, file_size;
    char fingerprint[FINGERPRINT_SIZE];
    uint64_t columns_checksum;
    char reserved[64];
    uint64_t header_checksum;
};
_Static_assert(sizeof(struct header) == 256, "the header is written by Python byte for byte");

struct open_index {
    struct search_index index; /* first, so that a pointer to it is one to the whole */
    struct open_index *next;
    char *path;
    dev_t device;
    ino_t inode;
    off_t size;
    time_t changed_s;
    long changed_ns;
    uint64_t users; /* the list of open indexes is one of them */
    const unsigned char *map;
    const uint64_t *checksums;
    const unsigned char *vectors;
    _Atomic unsigned char *checked;
};

static pthread_mutex_t open_lock = PTHREAD_MUTEX_INITIALIZER;
static struct open_index *open_indexes;

static inline uint64_t mixed(uint64_t word, uint64_t place) {
    word = (word + place * UINT64_C(0x9E3779B97F4A7C15)) * UINT64_C(0xBF58476D1CE4E5B9);
    word = (word ^ word >> 32) * UINT64_C(0x94D049BB133111EB);
    return word ^ word >> 29;
}

/* A sum of words, each mixed with its place: any change, swap or loss of words changes it. Sizes are multiples of 8 bytes. */
static uint64_t checksum(const unsigned char *bytes, uint64_t size) {
    uint64_t total = size;
    for (uint64_t i = 0; i < size / 8; i++) {
        uint64_t word;
        memcpy(&word, bytes + i * 8, 8);
        total += mixed(word, i);
    }
    return total;
}

static bool fits(uint64_t offset, uint64_t count, uint64_t size, uint64_t end) {
    return offset % 8 == 0 && offset <= end && (size == 0 || count <= (end - offset) / size);
}

static bool is_sorted(const double *mz, uint64_t begin, uint64_t end) {
    for (uint64_t i = begin; i < end; i++)
        if (!(mz[i] > 0) || !isfinite(mz[i]) || (i > begin && mz[i] < mz[i - 1]))
            return false;
    return true;
}

/* Say what is wrong with a mapped file, NULL for nothing. */
static const char *fault(const struct header *h, const unsigned char *map, uint64_t size) {
    if (size < sizeof *h || memcmp(h->magic, MAGIC, sizeof h->magic) != 0)
        return "it is no search index";
    if (h->version != FORMAT_VERSION)
        return "it was written by another version of spectradb";
    if (checksum(map, offsetof(struct header, header_checksum)) != h->header_checksum)
        return "its header is damaged";
    if (h->file_size != size)
        return "it has another length than was written: it is cut off or was added to";
    uint64_t blocks = h->block_rows ? (h->rows + h->block_rows - 1) / h->block_rows : 0;
    bool sound = (h->element_size == 2 || h->element_size == 4) && h->dimension > 0 && h->stride >= h->dimension &&
                 h->stride % LANES == 0 && h->block_rows > 0 && h->rows < UINT32_MAX && h->negative_rows <= h->rows &&
                 h->n_analytes <= h->rows && fits(h->mz_offset, h->rows, 8, size) && fits(h->id_offset, h->rows, 8, size) &&
                 fits(h->analyte_offset, h->rows, 4, size) && fits(h->scale_offset, h->rows, 4, size) && fits(h->checksum_offset, blocks, 8, size) &&
                 fits(h->vector_offset, h->rows, (uint64_t)h->stride * h->element_size, size) &&
                 h->vector_offset == sizeof *h && size % 8 == 0;
    if (!sound)
        return "its header states sizes that cannot be";
    if (checksum(map + h->mz_offset, size - h->mz_offset) != h->columns_checksum)
        return "its columns are damaged";
    const double *mz = (const double *)(map + h->mz_offset);
    if (!is_sorted(mz, 0, h->negative_rows) || !is_sorted(mz, h->negative_rows, h->rows))
        return "its rows are not sorted by precursor m/z";
    const int32_t *analytes = (const int32_t *)(map + h->analyte_offset);
    for (uint64_t i = 0; i < h->rows; i++)
        if (analytes[i] < -1 || (analytes[i] >= 0 && (uint64_t)analytes[i] >= h->n_analytes))
            return "it names analytes that cannot be";
    return NULL;
}

static void close_index(struct open_index *open) {
    if (open->map)
        munmap((void *)open->map, (size_t)open->size);
    free((void *)open->checked);
    free(open->path);
    free(open);
}

static struct open_index *open_index(const char *path, char message[MESSAGE_SIZE]) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    struct stat status;
    if (file < 0 || fstat(file, &status) != 0) {
        snprintf(message, MESSAGE_SIZE, "search index %s cannot be opened. " REMEDY, path);
        if (file >= 0)
            close(file);
        return NULL;
    }
    struct open_index *open = calloc(1, sizeof *open);
    void *map = status.st_size > 0 ? mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_SHARED, file, 0) : MAP_FAILED;
    close(file);
    const char *why = NULL;
    if (!open || !(open->path = strdup(path)))
        why = "there is no memory left to open it";
    else if (map == MAP_FAILED)
        why = status.st_size > 0 ? "it cannot be mapped into memory" : "it is empty";
    if (map != MAP_FAILED && open) {
        open->map = map;
        open->size = status.st_size;
    }
    const struct header *h = map;
    if (!why)
        why = fault(h, map, (uint64_t)status.st_size);
    if (!why) {
        uint64_t blocks = (h->rows + h->block_rows - 1) / h->block_rows;
        open->checked = calloc(blocks + 1, 1);
        if (!open->checked)
            why = "there is no memory left to open it";
    }
    if (why) {
        snprintf(message, MESSAGE_SIZE, "search index %s cannot be used: %s. " REMEDY, path, why);
        if (open)
            close_index(open);
        return NULL;
    }
    struct search_index *index = &open->index;
    index->rows = h->rows;
    index->negative_rows = h->negative_rows;
    index->n_analytes = h->n_analytes;
    index->block_rows = h->block_rows;
    index->dimension = h->dimension;
    index->stride = h->stride;
    index->element_size = h->element_size;
    memcpy(index->fingerprint, h->fingerprint, FINGERPRINT_SIZE);
    index->precursor_mz = (const double *)(open->map + h->mz_offset);
    index->ids = (const int64_t *)(open->map + h->id_offset);
    index->analytes = (const int32_t *)(open->map + h->analyte_offset);
    index->scales = (const float *)(open->map + h->scale_offset);
    index->inner_products = h->element_size == 2 ? inner_products_half() : inner_products_single();
    index->add_vector = h->element_size == 2 ? vector_addition_half() : vector_addition_single();
    open->checksums = (const uint64_t *)(open->map + h->checksum_offset);
    open->vectors = open->map + h->vector_offset;
    open->device = status.st_dev;
    open->inode = status.st_ino;
    open->changed_s = status.st_mtim.tv_sec;
    open->changed_ns = status.st_mtim.tv_nsec;
    open->users = 1;
    return open;
}

static bool is_same_file(const struct open_index *open, const struct stat *status) {
    return open->device == status->st_dev && open->inode == status->st_ino && open->size == status->st_size &&
           open->changed_s == status->st_mtim.tv_sec && open->changed_ns == status->st_mtim.tv_nsec;
}

static void release_locked(struct open_index *open) {
    if (--open->users == 0)
        close_index(open);
}

static struct open_index *acquire_locked(const char *path, char message[MESSAGE_SIZE]) {
    struct stat status;
    bool exists = stat(path, &status) == 0;
    for (struct open_index **place = &open_indexes; *place; place = &(*place)->next) {
        struct open_index *open = *place;
        if (strcmp(open->path, path) != 0)
            continue;
        if (exists && is_same_file(open, &status)) {
            open->users++;
            return open;
        }
        *place = open->next; /* another file stands there by now */
        release_locked(open);
        break;
    }
    struct open_index *open = open_index(path, message);
    if (open) {
        open->next = open_indexes;
        open_indexes = open;
        open->users++;
    }
    return open;
}

const struct search_index *index_acquire(const char *path, size_t length, char message[MESSAGE_SIZE]) {
    char *terminated = malloc(length + 1);
    if (!terminated) {
        snprintf(message, MESSAGE_SIZE, "there is no memory left to open a search index");
        return NULL;
    }
    memcpy(terminated, path, length);
    terminated[length] = 0;
    pthread_mutex_lock(&open_lock);
    struct open_index *open = acquire_locked(terminated, message);
    pthread_mutex_unlock(&open_lock);
    free(terminated);
    return open ? &open->index : NULL;
}

void index_release(const struct search_index *index) {
    if (!index)
        return;
    pthread_mutex_lock(&open_lock);
    release_locked((struct open_index *)index);
    pthread_mutex_unlock(&open_lock);
}

bool index_check_vectors(const struct search_index *index, uint64_t begin, uint64_t end, char message[MESSAGE_SIZE]) {
    const struct open_index *open = (const struct open_index *)index;
    uint64_t row_size = (uint64_t)index->stride * index->element_size;
    for (uint64_t block = begin / index->block_rows; block * index->block_rows < end; block++) {
        if (atomic_load_explicit(&open->checked[block], memory_order_acquire))
            continue;
        uint64_t first = block * index->block_rows, left = index->rows - first;
        uint64_t n = left < index->block_rows ? left : index->block_rows;
        if (checksum(open->vectors + first * row_size, n * row_size) != open->checksums[block]) {
            snprintf(message, MESSAGE_SIZE, "search index %s cannot be used: the vectors of rows %llu to %llu are damaged. " REMEDY,
                     open->path, (unsigned long long)first, (unsigned long long)(first + n - 1));
            return false;
        }
        atomic_store_explicit(&open->checked[block], 1, memory_order_release);
    }
    return true;
}

const void *index_vector(const struct search_index *index, uint64_t row) {
    return ((const struct open_index *)index)->vectors + row * index->stride * index->element_size;
}
