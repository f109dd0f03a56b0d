// Four streams in the lanes of NEON, which every ARMv8 has.
#include "hash_kernels.h"

#if defined(__aarch64__)

#define LANES 4
#define SHA1_ADVANCE sha1_advance_neon
#define SHA256_ADVANCE sha256_advance_neon

typedef uint32x4_t vec;

static inline vec load_quads(const uint8_t *const *data, int lane, size_t offset) {
    return vreinterpretq_u32_u8(vld1q_u8(data[lane] + offset));
}
static inline vec low32(vec a, vec b) { return vzip1q_u32(a, b); }
static inline vec high32(vec a, vec b) { return vzip2q_u32(a, b); }
static inline vec low64(vec a, vec b) {
    return vreinterpretq_u32_u64(vzip1q_u64(vreinterpretq_u64_u32(a), vreinterpretq_u64_u32(b)));
}
static inline vec high64(vec a, vec b) {
    return vreinterpretq_u32_u64(vzip2q_u64(vreinterpretq_u64_u32(a), vreinterpretq_u64_u32(b)));
}
static inline vec swap_bytes(vec word) {
    return vreinterpretq_u32_u8(vrev32q_u8(vreinterpretq_u8_u32(word)));
}

#include "lanes.h"
#endif
