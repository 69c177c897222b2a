/* Inner products and sums of vectors: one body each, compiled for several instruction sets, chosen when the extension is loaded. */
#include "inner_product.h"

#include <stdint.h>
#include <string.h>

typedef float lanes __attribute__((vector_size(4 * LANES)));
typedef float half_lanes __attribute__((vector_size(2 * LANES)));

#define ALWAYS_INLINE static inline __attribute__((always_inline))

ALWAYS_INLINE float sum_of_lanes(const lanes *value) {
    half_lanes halves[2], sum;
    memcpy(halves, value, sizeof halves);
    sum = halves[0] + halves[1];
    return ((sum[0] + sum[4]) + (sum[2] + sum[6])) + ((sum[1] + sum[5]) + (sum[3] + sum[7]));
}

/* LOAD(target, source, i) reads LANES stored elements from element i as single precision. */
#define DEFINE_INNER_PRODUCTS(name, attributes, element, LOAD)                                                    \
    attributes static void name(const void *const stored[4], const float *query, size_t n, float out[4]) {        \
        const element *s0 = stored[0], *s1 = stored[1], *s2 = stored[2], *s3 = stored[3];                         \
        lanes a0 = {0}, a1 = {0}, a2 = {0}, a3 = {0};                                                             \
        for (size_t i = 0; i < n; i += LANES) {                                                                   \
            lanes q, v0, v1, v2, v3;                                                                              \
            memcpy(&q, query + i, sizeof q);                                                                      \
            LOAD(v0, s0, i);                                                                                      \
            LOAD(v1, s1, i);                                                                                      \
            LOAD(v2, s2, i);                                                                                      \
            LOAD(v3, s3, i);                                                                                      \
            a0 += v0 * q;                                                                                         \
            a1 += v1 * q;                                                                                         \
            a2 += v2 * q;                                                                                         \
            a3 += v3 * q;                                                                                         \
        }                                                                                                         \
        out[0] = sum_of_lanes(&a0);                                                                               \
        out[1] = sum_of_lanes(&a1);                                                                               \
        out[2] = sum_of_lanes(&a2);                                                                               \
        out[3] = sum_of_lanes(&a3);                                                                               \
    }

#define DEFINE_ADDITION(name, attributes, element, LOAD)                             \
    attributes static float name(const void *stored, float scale, float *sum, size_t n) { \
        const element *source = stored;                                              \
        lanes length = {0};                                                          \
        for (size_t i = 0; i < n; i += LANES) {                                      \
            lanes value, total;                                                      \
            LOAD(value, source, i);                                                  \
            memcpy(&total, sum + i, sizeof total);                                   \
            total += value * scale;                                                  \
            memcpy(sum + i, &total, sizeof total);                                   \
            length += total * total;                                                 \
        }                                                                            \
        return sum_of_lanes(&length);                                                \
    }

/* Both kernels of an element type for an instruction set. */
#define DEFINE_KERNELS(name, attributes, element, LOAD)               \
    DEFINE_INNER_PRODUCTS(products_##name, attributes, element, LOAD) \
    DEFINE_ADDITION(addition_##name, attributes, element, LOAD)

#define LOAD_SINGLE(target, source, i) memcpy(&(target), (source) + (i), sizeof(target))

/* IEEE 754 half to single by bits, for processors without an instruction for it. */
ALWAYS_INLINE float widen(uint16_t half) {
    uint32_t sign = (uint32_t)(half & 0x8000) << 16, exponent = half >> 10 & 31, mantissa = half & 1023, bits;
    if (exponent == 31) {
        bits = sign | 0x7f800000 | mantissa << 13;
    } else if (exponent) {
        bits = sign | (exponent + 112) << 23 | mantissa << 13;
    } else { /* zero or subnormal: a whole number of 2**-24 */
        float tiny = (float)mantissa * 0x1p-24f;
        memcpy(&bits, &tiny, sizeof bits);
        bits |= sign;
    }
    float single;
    memcpy(&single, &bits, sizeof single);
    return single;
}

#define LOAD_HALF_BY_BITS(target, source, i)     \
    do {                                         \
        for (int lane = 0; lane < LANES; lane++) \
            (target)[lane] = widen((source)[(i) + lane]); \
    } while (0)

DEFINE_KERNELS(single_anywhere, , float, LOAD_SINGLE)

#if defined(__x86_64__)
#include <immintrin.h>

#define LOAD_HALF_F16C(target, source, i)                                                 \
    do {                                                                                  \
        __m256 halves[2] = {_mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)((source) + (i)))), \
                            _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)((source) + (i) + 8)))}; \
        memcpy(&(target), halves, sizeof(target));                                        \
    } while (0)
#define LOAD_HALF_AVX512(target, source, i)                                               \
    do {                                                                                  \
        __m512 whole = _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)((source) + (i)))); \
        memcpy(&(target), &whole, sizeof(target));                                        \
    } while (0)

DEFINE_KERNELS(half_anywhere, , uint16_t, LOAD_HALF_BY_BITS)
DEFINE_KERNELS(half_avx2, __attribute__((target("avx2,fma,f16c"))), uint16_t, LOAD_HALF_F16C)
DEFINE_KERNELS(half_avx512, __attribute__((target("avx512f,fma,f16c"))), uint16_t, LOAD_HALF_AVX512)
DEFINE_KERNELS(single_avx2, __attribute__((target("avx2,fma"))), float, LOAD_SINGLE)
DEFINE_KERNELS(single_avx512, __attribute__((target("avx512f,fma"))), float, LOAD_SINGLE)

static int level(void) {
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f"))
        return 2;
    /* Every processor with AVX2 and FMA converts half precision too. */
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

inner_products_of_four inner_products_half(void) {
    static const inner_products_of_four by_level[] = {products_half_anywhere, products_half_avx2, products_half_avx512};
    return by_level[level()];
}

inner_products_of_four inner_products_single(void) {
    static const inner_products_of_four by_level[] = {products_single_anywhere, products_single_avx2, products_single_avx512};
    return by_level[level()];
}

vector_addition vector_addition_half(void) {
    static const vector_addition by_level[] = {addition_half_anywhere, addition_half_avx2, addition_half_avx512};
    return by_level[level()];
}

vector_addition vector_addition_single(void) {
    static const vector_addition by_level[] = {addition_single_anywhere, addition_single_avx2, addition_single_avx512};
    return by_level[level()];
}

#elif defined(__aarch64__)

#define LOAD_HALF_NATIVE(target, source, i)      \
    do {                                         \
        for (int lane = 0; lane < LANES; lane++) \
            (target)[lane] = (float)(source)[(i) + lane]; \
    } while (0)

DEFINE_KERNELS(half_native, , __fp16, LOAD_HALF_NATIVE)

inner_products_of_four inner_products_half(void) { return products_half_native; }
inner_products_of_four inner_products_single(void) { return products_single_anywhere; }
vector_addition vector_addition_half(void) { return addition_half_native; }
vector_addition vector_addition_single(void) { return addition_single_anywhere; }

#else

DEFINE_KERNELS(half_anywhere, , uint16_t, LOAD_HALF_BY_BITS)

inner_products_of_four inner_products_half(void) { return products_half_anywhere; }
inner_products_of_four inner_products_single(void) { return products_single_anywhere; }
vector_addition vector_addition_half(void) { return addition_half_anywhere; }
vector_addition vector_addition_single(void) { return addition_single_anywhere; }

#endif
