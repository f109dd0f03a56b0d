#include "sha1_kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("sha,ssse3,sse4.1"))), apply_to = function)

/// One stream in the form that the SHA instructions want: a to d in one register, a at the top, and e in another's top.
struct stream {
    __m128i abcd, e;
    /// The message schedule: a ring of four registers of four words.
    __m128i w[4];
};

static inline void load_state(struct stream *stream, const uint32_t state[5]) {
    stream->abcd = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)state), 0x1B);
    stream->e = _mm_set_epi32((int)state[4], 0, 0, 0);
}

static inline void store_state(const struct stream *stream, uint32_t state[5]) {
    _mm_storeu_si128((__m128i *)state, _mm_shuffle_epi32(stream->abcd, 0x1B));
    state[4] = (uint32_t)_mm_extract_epi32(stream->e, 3);
}

static inline void load_block(struct stream *stream, const uint8_t *data) {
    const __m128i order = _mm_setr_epi8(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    for (int part = 0; part < 4; part++) {
        stream->w[part] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(data + 16 * part)), order);
    }
}

/// The instruction wants its round constant as an immediate.
static inline __m128i four_rounds(__m128i abcd, __m128i e_and_words, int group) {
    switch (group / 5) {
    case 0: return _mm_sha1rnds4_epu32(abcd, e_and_words, 0);
    case 1: return _mm_sha1rnds4_epu32(abcd, e_and_words, 1);
    case 2: return _mm_sha1rnds4_epu32(abcd, e_and_words, 2);
    default: return _mm_sha1rnds4_epu32(abcd, e_and_words, 3);
    }
}

/// Rounds 4 * group to 4 * group + 3. `before` is abcd as it was before the four rounds preceding these: its top word,
/// rotated, is this group's e. In the first group it is e itself.
static inline void step(struct stream *stream, __m128i *before, int group) {
    __m128i *w = stream->w;
    if (group >= 4) {
        __m128i next = _mm_sha1msg1_epu32(w[group & 3], w[(group + 1) & 3]);
        next = _mm_xor_si128(next, w[(group + 2) & 3]);
        w[group & 3] = _mm_sha1msg2_epu32(next, w[(group + 3) & 3]);
    }
    __m128i words = w[group & 3];
    __m128i e = group == 0 ? _mm_add_epi32(*before, words) : _mm_sha1nexte_epu32(*before, words);
    *before = stream->abcd;
    stream->abcd = four_rounds(stream->abcd, e, group);
}

static inline void finish_block(struct stream *stream, __m128i before, __m128i abcd) {
    stream->e = _mm_sha1nexte_epu32(before, stream->e);
    stream->abcd = _mm_add_epi32(stream->abcd, abcd);
}

void sha1_advance_shani(struct sha1_lane *const *lanes, size_t blocks) {
    struct stream one;
    load_state(&one, lanes[0]->state);
    for (size_t block = 0; block < blocks; block++) {
        load_block(&one, lanes[0]->data + 64 * block);
        __m128i abcd = one.abcd, before = one.e;
#pragma clang loop unroll(full)
        for (int group = 0; group < 20; group++) step(&one, &before, group);
        finish_block(&one, before, abcd);
    }
    store_state(&one, lanes[0]->state);
}

void sha1_advance_shani2(struct sha1_lane *const *lanes, size_t blocks) {
    struct stream one, two;
    load_state(&one, lanes[0]->state);
    load_state(&two, lanes[1]->state);
    for (size_t block = 0; block < blocks; block++) {
        load_block(&one, lanes[0]->data + 64 * block);
        load_block(&two, lanes[1]->data + 64 * block);
        __m128i abcd1 = one.abcd, before1 = one.e, abcd2 = two.abcd, before2 = two.e;
#pragma clang loop unroll(full)
        for (int group = 0; group < 20; group++) {
            step(&one, &before1, group);
            step(&two, &before2, group);
        }
        finish_block(&one, before1, abcd1);
        finish_block(&two, before2, abcd2);
    }
    store_state(&one, lanes[0]->state);
    store_state(&two, lanes[1]->state);
}

#pragma clang attribute pop
#endif
