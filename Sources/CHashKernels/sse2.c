// Four streams in the lanes of SSE2, which every x86-64 has.
#include "hash_kernels.h"

#if defined(__x86_64__)

#define LANES 4
#define SHA1_ADVANCE sha1_advance_sse2
#define SHA256_ADVANCE sha256_advance_sse2

typedef uint32_t vec __attribute__((vector_size(16)));

static inline vec load_quads(const uint8_t *const *data, int lane, size_t offset) {
    return (vec)_mm_loadu_si128((const __m128i *)(data[lane] + offset));
}
static inline vec low32(vec a, vec b) { return (vec)_mm_unpacklo_epi32((__m128i)a, (__m128i)b); }
static inline vec high32(vec a, vec b) { return (vec)_mm_unpackhi_epi32((__m128i)a, (__m128i)b); }
static inline vec low64(vec a, vec b) { return (vec)_mm_unpacklo_epi64((__m128i)a, (__m128i)b); }
static inline vec high64(vec a, vec b) { return (vec)_mm_unpackhi_epi64((__m128i)a, (__m128i)b); }

/// SSE2 has no shuffle of bytes.
static inline vec swap_bytes(vec word) {
    vec pairs = (word & 0x00FF00FFu) << 8 | (word >> 8 & 0x00FF00FFu);
    return pairs << 16 | pairs >> 16;
}

#include "lanes.h"
#endif
