// Sixteen streams in the lanes of AVX-512.
#include "hash_kernels.h"

#if defined(__x86_64__)

#define LANES 16
#define SHA1_ADVANCE sha1_advance_avx512
#define SHA256_ADVANCE sha256_advance_avx512

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl"))), apply_to = function)

typedef uint32_t vec __attribute__((vector_size(64)));

static inline vec load_quads(const uint8_t *const *data, int lane, size_t offset) {
    __m512i quads = _mm512_castsi128_si512(_mm_loadu_si128((const __m128i *)(data[lane] + offset)));
    quads = _mm512_inserti32x4(quads, _mm_loadu_si128((const __m128i *)(data[lane + 4] + offset)), 1);
    quads = _mm512_inserti32x4(quads, _mm_loadu_si128((const __m128i *)(data[lane + 8] + offset)), 2);
    return (vec)_mm512_inserti32x4(quads, _mm_loadu_si128((const __m128i *)(data[lane + 12] + offset)), 3);
}
static inline vec low32(vec a, vec b) { return (vec)_mm512_unpacklo_epi32((__m512i)a, (__m512i)b); }
static inline vec high32(vec a, vec b) { return (vec)_mm512_unpackhi_epi32((__m512i)a, (__m512i)b); }
static inline vec low64(vec a, vec b) { return (vec)_mm512_unpacklo_epi64((__m512i)a, (__m512i)b); }
static inline vec high64(vec a, vec b) { return (vec)_mm512_unpackhi_epi64((__m512i)a, (__m512i)b); }

static inline vec swap_bytes(vec word) {
    const __m128i order = _mm_setr_epi8(3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
    return (vec)_mm512_shuffle_epi8((__m512i)word, _mm512_broadcast_i32x4(order));
}

#include "lanes.h"

#pragma clang attribute pop
#endif
