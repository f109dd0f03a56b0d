#include "sha1_kernels.h"

static inline uint32_t rotate(uint32_t word, int by) { return word << by | word >> (32 - by); }

static inline uint32_t word_at(const uint8_t *bytes) {
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/// FIPS 180-4, 6.1.2, with the message schedule in a ring of sixteen words.
static void hash_block(uint32_t state[5], const uint8_t *block) {
    uint32_t w[16];
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
#pragma clang loop unroll(full)
    for (int t = 0; t < 80; t++) {
        uint32_t word;
        if (t < 16) {
            word = word_at(block + 4 * t);
        } else {
            word = rotate(w[(t + 13) & 15] ^ w[(t + 8) & 15] ^ w[(t + 2) & 15] ^ w[t & 15], 1);
        }
        w[t & 15] = word;
        uint32_t mix = t < 20   ? (d ^ (b & (c ^ d))) + SHA1_K0
                       : t < 40 ? (b ^ c ^ d) + SHA1_K1
                       : t < 60 ? ((b & c) | (d & (b | c))) + SHA1_K2
                                : (b ^ c ^ d) + SHA1_K3;
        uint32_t next = rotate(a, 5) + mix + e + word;
        e = d;
        d = c;
        c = rotate(b, 30);
        b = a;
        a = next;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
}

void sha1_advance_portable(struct sha1_lane *const *lanes, size_t blocks) {
    for (size_t block = 0; block < blocks; block++) hash_block(lanes[0]->state, lanes[0]->data + 64 * block);
}
