// Hands streams to a kernel, as many at once as it takes, until all are hashed.
#include "hash_kernels.h"

/// A hash in all the ways that this kind of processor knows; null where it does not.
struct algorithm {
    hash_advance *wide[HASH_KERNEL_COUNT];
    hash_advance_streams *streams;
};

#if defined(__x86_64__)
#define WAYS(hash)                                                                                                     \
    {.wide = {[HASH_PORTABLE] = hash##_advance_portable,                                                               \
              [HASH_SSE2] = hash##_advance_sse2,                                                                       \
              [HASH_AVX2] = hash##_advance_avx2,                                                                       \
              [HASH_AVX512] = hash##_advance_avx512},                                                                  \
     .streams = hash##_advance_sha}
static const enum hash_kernel sha_instructions = HASH_SHA_X86;
#elif defined(__aarch64__)
#define WAYS(hash)                                                                                                     \
    {.wide = {[HASH_PORTABLE] = hash##_advance_portable, [HASH_NEON] = hash##_advance_neon},                           \
     .streams = hash##_advance_sha}
static const enum hash_kernel sha_instructions = HASH_SHA_ARM;
#else
#define WAYS(hash) {.wide = {[HASH_PORTABLE] = hash##_advance_portable}}
static const enum hash_kernel sha_instructions = HASH_SHA_X86;
#endif

static const struct algorithm sha1 = WAYS(sha1), sha256 = WAYS(sha256);

/// From how many streams on a vector is faster than the next best.
static size_t worthwhile_streams(enum hash_kernel kernel, bool has_sha) {
    switch (kernel) {
    case HASH_SSE2:
    case HASH_NEON: return has_sha ? 4 : 2;
    case HASH_AVX2: return has_sha ? 8 : 3;
    case HASH_AVX512: return has_sha ? 10 : 3;
    default: return 1;
    }
}

/// Hashes `blocks` of each of the first `count` of `width` places; the rest are filled with copies that are thrown
/// away.
static void advance_vector(
    hash_advance *wide, size_t width, struct hash_stream **active, size_t count, size_t blocks) {
    struct hash_stream *places[MAX_WIDTH];
    struct hash_stream idle[MAX_WIDTH];
    for (size_t place = 0; place < width; place++) {
        if (place >= count) idle[place] = *active[0];
        places[place] = place < count ? active[place] : &idle[place];
    }
    wide(places, blocks);
}

/// Hashes the same number of blocks of as many of the `filled` streams as go together, until one of them is at its end.
static void advance_some(
    const struct algorithm *hash, enum hash_kernel kernel, bool has_sha, struct hash_stream **active, size_t filled) {
    const size_t width = hash_kernel_streams(kernel);
    const bool is_wide = kernel != sha_instructions && filled >= worthwhile_streams(kernel, has_sha);
    size_t together = is_wide ? width : has_sha ? MAX_STREAMS : 1;
    if (filled < together) together = filled;
    size_t blocks = active[0]->blocks;
    for (size_t place = 1; place < together; place++) {
        if (active[place]->blocks < blocks) blocks = active[place]->blocks;
    }
    if (is_wide) {
        advance_vector(hash->wide[kernel], width, active, together, blocks);
    } else if (has_sha) {
        hash->streams(active, together, blocks);
    } else {
        hash->wide[HASH_PORTABLE](active, blocks);
    }
    for (size_t place = 0; place < together; place++) {
        active[place]->data += 64 * blocks;
        active[place]->blocks -= blocks;
    }
}

static void feed(const struct algorithm *hash, enum hash_kernel kernel, struct hash_stream *streams, size_t count) {
    const bool may_use_sha = kernel == sha_instructions || (kernel != HASH_PORTABLE && !hash_kernel_is_forced());
    const bool has_sha = may_use_sha && hash_kernel_available(sha_instructions);
    const size_t width = hash_kernel_streams(kernel);
    struct hash_stream *active[MAX_WIDTH];
    size_t filled = 0, next = 0;
    for (;;) {
        for (; filled < width && next < count; next++) {
            if (streams[next].blocks > 0) active[filled++] = &streams[next];
        }
        if (filled == 0) return;
        advance_some(hash, kernel, has_sha, active, filled);
        size_t kept = 0;
        for (size_t place = 0; place < filled; place++) {
            if (active[place]->blocks > 0) active[kept++] = active[place];
        }
        filled = kept;
    }
}

void sha1_feed(enum hash_kernel kernel, struct hash_stream *streams, size_t count) {
    feed(&sha1, kernel, streams, count);
}

void sha256_feed(enum hash_kernel kernel, struct hash_stream *streams, size_t count) {
    feed(&sha256, kernel, streams, count);
}
