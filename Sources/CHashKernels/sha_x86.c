// The SHA instructions of x86, the streams interleaved.
#include "hash_kernels.h"

#if defined(__x86_64__)

#pragma clang attribute push(__attribute__((target("sha,ssse3,sse4.1"))), apply_to = function)

// One stream alone waits for each instruction's answer; interleaved streams fill the time. On a Zen 3 core, SHA-1
// with 1, 2, 3 and 4 streams: 1.6, 2.9, 3.6 and 4.0 GiB/s, and the instructions alone would allow 4.0.
#define ALWAYS static inline __attribute__((always_inline))

/// The message schedule of a stream: a ring of four registers of four words.
struct schedule {
    __m128i w[4];
};

ALWAYS struct schedule load_block(const uint8_t *data, __m128i order) {
    struct schedule schedule;
    UNROLLED
    for (int part = 0; part < 4; part++) {
        schedule.w[part] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(data + 16 * part)), order);
    }
    return schedule;
}

// MARK: SHA-1

/// One stream in the form that the instructions want: a to d in one register, a at the top, and e in another's top.
struct sha1_stream {
    __m128i abcd, e;
};

ALWAYS struct sha1_stream sha1_load(const uint32_t *state) {
    return (struct sha1_stream){
        _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)state), 0x1B), _mm_set_epi32((int)state[4], 0, 0, 0)};
}

ALWAYS void sha1_store(struct sha1_stream stream, uint32_t *state) {
    _mm_storeu_si128((__m128i *)state, _mm_shuffle_epi32(stream.abcd, 0x1B));
    state[4] = (uint32_t)_mm_extract_epi32(stream.e, 3);
}

/// The instruction wants its round constant as an immediate.
ALWAYS __m128i four_rounds(__m128i abcd, __m128i e_and_words, int group) {
    switch (group / 5) {
    case 0: return _mm_sha1rnds4_epu32(abcd, e_and_words, 0);
    case 1: return _mm_sha1rnds4_epu32(abcd, e_and_words, 1);
    case 2: return _mm_sha1rnds4_epu32(abcd, e_and_words, 2);
    default: return _mm_sha1rnds4_epu32(abcd, e_and_words, 3);
    }
}

/// Rounds 4 * group to 4 * group + 3. `e` is abcd as it was before the four rounds preceding these: its top word,
/// rotated, is this group's e. In the first group it is e itself.
ALWAYS void sha1_step(struct sha1_stream *stream, struct schedule *schedule, int group) {
    __m128i *w = schedule->w;
    if (group >= 4) {
        __m128i next = _mm_sha1msg1_epu32(w[group & 3], w[(group + 1) & 3]);
        next = _mm_xor_si128(next, w[(group + 2) & 3]);
        w[group & 3] = _mm_sha1msg2_epu32(next, w[(group + 3) & 3]);
    }
    __m128i words = w[group & 3];
    __m128i e = group == 0 ? _mm_add_epi32(stream->e, words) : _mm_sha1nexte_epu32(stream->e, words);
    stream->e = stream->abcd;
    stream->abcd = four_rounds(stream->abcd, e, group);
}

ALWAYS void sha1_streams(struct hash_stream *const *streams, const int count, size_t blocks) {
    const __m128i order = _mm_setr_epi8(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    struct sha1_stream states[MAX_STREAMS];
    UNROLLED
    for (int n = 0; n < count; n++) states[n] = sha1_load(streams[n]->state);
    for (size_t block = 0; block < blocks; block++) {
        struct sha1_stream old[MAX_STREAMS];
        struct schedule schedules[MAX_STREAMS];
        UNROLLED
        for (int n = 0; n < count; n++) {
            old[n] = states[n];
            schedules[n] = load_block(streams[n]->data + 64 * block, order);
        }
        UNROLLED
        for (int group = 0; group < 20; group++) {
            UNROLLED
            for (int n = 0; n < count; n++) sha1_step(&states[n], &schedules[n], group);
        }
        UNROLLED
        for (int n = 0; n < count; n++) {
            states[n].e = _mm_sha1nexte_epu32(states[n].e, old[n].e);
            states[n].abcd = _mm_add_epi32(states[n].abcd, old[n].abcd);
        }
    }
    UNROLLED
    for (int n = 0; n < count; n++) sha1_store(states[n], streams[n]->state);
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

/// One stream in the form that the instructions want, from the top word down: a, b, e, f and c, d, g, h.
struct sha256_stream {
    __m128i abef, cdgh;
};

ALWAYS struct sha256_stream sha256_load(const uint32_t *state) {
    __m128i dcba = _mm_loadu_si128((const __m128i *)state), hgfe = _mm_loadu_si128((const __m128i *)(state + 4));
    __m128i cdab = _mm_shuffle_epi32(dcba, 0xB1), efgh = _mm_shuffle_epi32(hgfe, 0x1B);
    return (struct sha256_stream){_mm_alignr_epi8(cdab, efgh, 8), _mm_blend_epi16(efgh, cdab, 0xF0)};
}

ALWAYS void sha256_store(struct sha256_stream stream, uint32_t *state) {
    __m128i feba = _mm_shuffle_epi32(stream.abef, 0x1B), dchg = _mm_shuffle_epi32(stream.cdgh, 0xB1);
    _mm_storeu_si128((__m128i *)state, _mm_blend_epi16(feba, dchg, 0xF0));
    _mm_storeu_si128((__m128i *)(state + 4), _mm_alignr_epi8(dchg, feba, 8));
}

/// Rounds 4 * group to 4 * group + 3.
ALWAYS void sha256_step(struct sha256_stream *stream, struct schedule *schedule, int group) {
    __m128i *w = schedule->w;
    if (group >= 4) {
        __m128i last = w[(group + 3) & 3];
        __m128i next = _mm_sha256msg1_epu32(w[group & 3], w[(group + 1) & 3]);
        next = _mm_add_epi32(next, _mm_alignr_epi8(last, w[(group + 2) & 3], 4));
        w[group & 3] = _mm_sha256msg2_epu32(next, last);
    }
    __m128i words = _mm_add_epi32(w[group & 3], _mm_loadu_si128((const __m128i *)(sha256_k + 4 * group)));
    __m128i after = _mm_sha256rnds2_epu32(stream->cdgh, stream->abef, words);
    __m128i end = _mm_sha256rnds2_epu32(stream->abef, after, _mm_shuffle_epi32(words, 0x0E));
    *stream = (struct sha256_stream){end, after};
}

ALWAYS void sha256_streams(struct hash_stream *const *streams, const int count, size_t blocks) {
    const __m128i order = _mm_setr_epi8(3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
    struct sha256_stream states[MAX_STREAMS];
    UNROLLED
    for (int n = 0; n < count; n++) states[n] = sha256_load(streams[n]->state);
    for (size_t block = 0; block < blocks; block++) {
        struct sha256_stream old[MAX_STREAMS];
        struct schedule schedules[MAX_STREAMS];
        UNROLLED
        for (int n = 0; n < count; n++) {
            old[n] = states[n];
            schedules[n] = load_block(streams[n]->data + 64 * block, order);
        }
        UNROLLED
        for (int group = 0; group < 16; group++) {
            UNROLLED
            for (int n = 0; n < count; n++) sha256_step(&states[n], &schedules[n], group);
        }
        UNROLLED
        for (int n = 0; n < count; n++) {
            states[n].abef = _mm_add_epi32(states[n].abef, old[n].abef);
            states[n].cdgh = _mm_add_epi32(states[n].cdgh, old[n].cdgh);
        }
    }
    UNROLLED
    for (int n = 0; n < count; n++) sha256_store(states[n], streams[n]->state);
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
