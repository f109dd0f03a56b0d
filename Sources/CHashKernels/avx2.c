// Eight streams in the lanes of AVX2.
#include "hash_kernels.h"

#if defined(__x86_64__)

#define LANES 8
#define SHA1_ADVANCE sha1_advance_avx2
#define SHA256_ADVANCE sha256_advance_avx2

#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)

typedef uint32_t vec __attribute__((vector_size(32)));

static inline vec load_quads(const uint8_t *const *data, int lane, size_t offset) {
    __m128i low = _mm_loadu_si128((const __m128i *)(data[lane] + offset));
    __m128i high = _mm_loadu_si128((const __m128i *)(data[lane + 4] + offset));
    return (vec)_mm256_inserti128_si256(_mm256_castsi128_si256(low), high, 1);
}
static inline vec low32(vec a, vec b) { return (vec)_mm256_unpacklo_epi32((__m256i)a, (__m256i)b); }
static inline vec high32(vec a, vec b) { return (vec)_mm256_unpackhi_epi32((__m256i)a, (__m256i)b); }
static inline vec low64(vec a, vec b) { return (vec)_mm256_unpacklo_epi64((__m256i)a, (__m256i)b); }
static inline vec high64(vec a, vec b) { return (vec)_mm256_unpackhi_epi64((__m256i)a, (__m256i)b); }

static inline vec swap_bytes(vec word) {
    const __m256i order = _mm256_setr_epi8(
        3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
    return (vec)_mm256_shuffle_epi8((__m256i)word, order);
}

#include "lanes.h"

#pragma clang attribute pop
#endif
