// The SHA instructions of ARMv8, the streams interleaved.
#include "hash_kernels.h"

#if defined(__aarch64__)

#pragma clang attribute push(__attribute__((target("sha2"))), apply_to = function)

#define ALWAYS static inline __attribute__((always_inline))

/// The message schedule of a stream: a ring of four registers of four words.
struct schedule {
    uint32x4_t w[4];
};

ALWAYS struct schedule load_block(const uint8_t *data) {
    struct schedule schedule;
    UNROLLED
    for (int part = 0; part < 4; part++) {
        schedule.w[part] = vreinterpretq_u32_u8(vrev32q_u8(vld1q_u8(data + 16 * part)));
    }
    return schedule;
}

// MARK: SHA-1

struct sha1_stream {
    uint32x4_t abcd;
    uint32_t e;
};

/// Rounds 4 * group to 4 * group + 3.
ALWAYS void sha1_step(struct sha1_stream *stream, struct schedule *schedule, int group) {
    const uint32_t constants[4] = {SHA1_K0, SHA1_K1, SHA1_K2, SHA1_K3};
    uint32x4_t *w = schedule->w;
    if (group >= 4) {
        uint32x4_t next = vsha1su0q_u32(w[group & 3], w[(group + 1) & 3], w[(group + 2) & 3]);
        w[group & 3] = vsha1su1q_u32(next, w[(group + 3) & 3]);
    }
    uint32x4_t words = vaddq_u32(w[group & 3], vdupq_n_u32(constants[group / 5]));
    uint32_t e = vsha1h_u32(vgetq_lane_u32(stream->abcd, 0));
    switch (group / 5) {
    case 0: stream->abcd = vsha1cq_u32(stream->abcd, stream->e, words); break;
    case 2: stream->abcd = vsha1mq_u32(stream->abcd, stream->e, words); break;
    default: stream->abcd = vsha1pq_u32(stream->abcd, stream->e, words); break;
    }
    stream->e = e;
}

ALWAYS void sha1_streams(struct hash_stream *const *streams, const int count, size_t blocks) {
    struct sha1_stream states[MAX_STREAMS];
    UNROLLED
    for (int n = 0; n < count; n++) {
        states[n] = (struct sha1_stream){vld1q_u32(streams[n]->state), streams[n]->state[4]};
    }
    for (size_t block = 0; block < blocks; block++) {
        struct sha1_stream old[MAX_STREAMS];
        struct schedule schedules[MAX_STREAMS];
        UNROLLED
        for (int n = 0; n < count; n++) {
            old[n] = states[n];
            schedules[n] = load_block(streams[n]->data + 64 * block);
        }
        UNROLLED
        for (int group = 0; group < 20; group++) {
            UNROLLED
            for (int n = 0; n < count; n++) sha1_step(&states[n], &schedules[n], group);
        }
        UNROLLED
        for (int n = 0; n < count; n++) {
            states[n].abcd = vaddq_u32(states[n].abcd, old[n].abcd);
            states[n].e += old[n].e;
        }
    }
    UNROLLED
    for (int n = 0; n < count; n++) {
        vst1q_u32(streams[n]->state, states[n].abcd);
        streams[n]->state[4] = states[n].e;
    }
}

void sha1_advance_sha(struct hash_stream *const *streams, size_t count, size_t blocks) {
    switch (count) {
    case 1: sha1_streams(streams, 1, blocks); break;
    case 2: sha1_streams(streams, 2, blocks); break;
    case 3: sha1_streams(streams, 3, blocks); break;
    default: sha1_streams(streams, 4, blocks); break;
    }
}

// MARK: SHA-256

struct sha256_stream {
    uint32x4_t abcd, efgh;
};

/// Rounds 4 * group to 4 * group + 3.
ALWAYS void sha256_step(struct sha256_stream *stream, struct schedule *schedule, int group) {
    uint32x4_t *w = schedule->w;
    if (group >= 4) {
        uint32x4_t next = vsha256su0q_u32(w[group & 3], w[(group + 1) & 3]);
        w[group & 3] = vsha256su1q_u32(next, w[(group + 2) & 3], w[(group + 3) & 3]);
    }
    uint32x4_t words = vaddq_u32(w[group & 3], vld1q_u32(sha256_k + 4 * group));
    uint32x4_t abcd = stream->abcd;
    stream->abcd = vsha256hq_u32(abcd, stream->efgh, words);
    stream->efgh = vsha256h2q_u32(stream->efgh, abcd, words);
}

ALWAYS void sha256_streams(struct hash_stream *const *streams, const int count, size_t blocks) {
    struct sha256_stream states[MAX_STREAMS];
    UNROLLED
    for (int n = 0; n < count; n++) {
        states[n] = (struct sha256_stream){vld1q_u32(streams[n]->state), vld1q_u32(streams[n]->state + 4)};
    }
    for (size_t block = 0; block < blocks; block++) {
        struct sha256_stream old[MAX_STREAMS];
        struct schedule schedules[MAX_STREAMS];
        UNROLLED
        for (int n = 0; n < count; n++) {
            old[n] = states[n];
            schedules[n] = load_block(streams[n]->data + 64 * block);
        }
        UNROLLED
        for (int group = 0; group < 16; group++) {
            UNROLLED
            for (int n = 0; n < count; n++) sha256_step(&states[n], &schedules[n], group);
        }
        UNROLLED
        for (int n = 0; n < count; n++) {
            states[n].abcd = vaddq_u32(states[n].abcd, old[n].abcd);
            states[n].efgh = vaddq_u32(states[n].efgh, old[n].efgh);
        }
    }
    UNROLLED
    for (int n = 0; n < count; n++) {
        vst1q_u32(streams[n]->state, states[n].abcd);
        vst1q_u32(streams[n]->state + 4, states[n].efgh);
    }
}

void sha256_advance_sha(struct hash_stream *const *streams, size_t count, size_t blocks) {
    switch (count) {
    case 1: sha256_streams(streams, 1, blocks); break;
    case 2: sha256_streams(streams, 2, blocks); break;
    case 3: sha256_streams(streams, 3, blocks); break;
    default: sha256_streams(streams, 4, blocks); break;
    }
}

#pragma clang attribute pop
#endif
