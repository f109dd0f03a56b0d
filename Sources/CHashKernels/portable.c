// One stream, in C for any processor: what the other kernels are held against.
#include "hash_kernels.h"

static inline uint32_t rotate(uint32_t word, int by) { return word << by | word >> (32 - by); }

static inline uint32_t word_at(const uint8_t *bytes) {
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/// FIPS 180-4, 6.1.2, with the message schedule in a ring of sixteen words.
static void sha1_block(uint32_t state[5], const uint8_t *block) {
    uint32_t w[16];
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
    UNROLLED
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

void sha1_advance_portable(struct hash_stream *const *streams, size_t blocks) {
    for (size_t block = 0; block < blocks; block++) sha1_block(streams[0]->state, streams[0]->data + 64 * block);
}

const uint32_t sha256_k[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static inline uint32_t small_sigma(uint32_t x, int first, int second, int shift) {
    return rotate(x, 32 - first) ^ rotate(x, 32 - second) ^ x >> shift;
}

static inline uint32_t large_sigma(uint32_t x, int first, int second, int third) {
    return rotate(x, 32 - first) ^ rotate(x, 32 - second) ^ rotate(x, 32 - third);
}

/// FIPS 180-4, 6.2.2, likewise.
static void sha256_block(uint32_t state[8], const uint8_t *block) {
    uint32_t w[16];
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
    uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
    UNROLLED
    for (int t = 0; t < 64; t++) {
        if (t < 16) {
            w[t] = word_at(block + 4 * t);
        } else {
            uint32_t older = small_sigma(w[(t + 1) & 15], 7, 18, 3);
            uint32_t newer = small_sigma(w[(t + 14) & 15], 17, 19, 10);
            w[t & 15] += older + w[(t + 9) & 15] + newer;
        }
        uint32_t first = h + w[t & 15] + sha256_k[t] + (g ^ (e & (f ^ g))) + large_sigma(e, 6, 11, 25);
        uint32_t second = large_sigma(a, 2, 13, 22) + ((a & b) | (c & (a | b)));
        h = g;
        g = f;
        f = e;
        e = d + first;
        d = c;
        c = b;
        b = a;
        a = first + second;
    }
    const uint32_t mixed[8] = {a, b, c, d, e, f, g, h};
    for (int word = 0; word < 8; word++) state[word] += mixed[word];
}

void sha256_advance_portable(struct hash_stream *const *streams, size_t blocks) {
    for (size_t block = 0; block < blocks; block++) sha256_block(streams[0]->state, streams[0]->data + 64 * block);
}
