// Many streams at once, one in each 32-bit lane of a vector. A kernel includes this once, having defined LANES, a
// multiple of four; SHA1_ADVANCE and SHA256_ADVANCE, the names of its functions; the type `vec` of LANES uint32_t;
// load_quads(data, lane, offset): 16 bytes of lanes `lane`, `lane` + 4, ... side by side, 128 bits each;
// low32, high32, low64, high64: interleave the lower or upper halves of two vectors, within each 128 bits;
// swap_bytes: big-endian words to ours.

static inline vec rotate(vec word, int by) { return word << by | word >> (32 - by); }

/// Words 4 * part to 4 * part + 3 of each lane's block: four vectors, transposed within each 128 bits.
static inline void load_words(vec *w, const uint8_t *const *data, size_t offset) {
    vec row0 = load_quads(data, 0, offset), row1 = load_quads(data, 1, offset);
    vec row2 = load_quads(data, 2, offset), row3 = load_quads(data, 3, offset);
    vec low01 = low32(row0, row1), high01 = high32(row0, row1);
    vec low23 = low32(row2, row3), high23 = high32(row2, row3);
    w[0] = swap_bytes(low64(low01, low23));
    w[1] = swap_bytes(high64(low01, low23));
    w[2] = swap_bytes(low64(high01, high23));
    w[3] = swap_bytes(high64(high01, high23));
}

/// FIPS 180-4, 6.1.2, with the message schedule in a ring of sixteen words.
static inline void sha1_block(vec *state, const uint8_t *const *data, size_t offset) {
    vec w[16];
    for (int part = 0; part < 4; part++) load_words(w + 4 * part, data, offset + 16 * (size_t)part);
    vec a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
    UNROLLED
    for (int t = 0; t < 80; t++) {
        vec word = w[t & 15];
        if (t >= 16) {
            word = rotate(w[(t + 13) & 15] ^ w[(t + 8) & 15] ^ w[(t + 2) & 15] ^ word, 1);
            w[t & 15] = word;
        }
        vec mix = t < 20   ? (d ^ (b & (c ^ d))) + SHA1_K0
                  : t < 40 ? (b ^ c ^ d) + SHA1_K1
                  : t < 60 ? ((b & c) | (d & (b | c))) + SHA1_K2
                           : (b ^ c ^ d) + SHA1_K3;
        vec next = rotate(a, 5) + mix + (e + word);
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

static inline vec small_sigma(vec x, int first, int second, int shift) {
    return rotate(x, 32 - first) ^ rotate(x, 32 - second) ^ x >> shift;
}

static inline vec large_sigma(vec x, int first, int second, int third) {
    return rotate(x, 32 - first) ^ rotate(x, 32 - second) ^ rotate(x, 32 - third);
}

/// FIPS 180-4, 6.2.2, with the message schedule in a ring of sixteen words.
static inline void sha256_block(vec *state, const uint8_t *const *data, size_t offset) {
    vec w[16];
    for (int part = 0; part < 4; part++) load_words(w + 4 * part, data, offset + 16 * (size_t)part);
    vec a = state[0], b = state[1], c = state[2], d = state[3];
    vec e = state[4], f = state[5], g = state[6], h = state[7];
    UNROLLED
    for (int t = 0; t < 64; t++) {
        if (t >= 16) {
            vec older = small_sigma(w[(t + 1) & 15], 7, 18, 3), newer = small_sigma(w[(t + 14) & 15], 17, 19, 10);
            w[t & 15] += older + w[(t + 9) & 15] + newer;
        }
        vec first = h + w[t & 15] + sha256_k[t] + (g ^ (e & (f ^ g))) + large_sigma(e, 6, 11, 25);
        vec second = large_sigma(a, 2, 13, 22) + ((a & b) | (c & (a | b)));
        h = g;
        g = f;
        f = e;
        e = d + first;
        d = c;
        c = b;
        b = a;
        a = first + second;
    }
    vec mixed[8] = {a, b, c, d, e, f, g, h};
    for (int word = 0; word < 8; word++) state[word] += mixed[word];
}

/// Hashes `blocks` blocks of all lanes; a state has `words` words.
static inline __attribute__((always_inline)) void advance_lanes(
    struct hash_stream *const *streams, size_t blocks, int words,
    void (*hash_block)(vec *state, const uint8_t *const *data, size_t offset)) {
    vec state[8];
    const uint8_t *data[LANES];
    for (int lane = 0; lane < LANES; lane++) {
        for (int word = 0; word < words; word++) state[word][lane] = streams[lane]->state[word];
        data[lane] = streams[lane]->data;
    }
    for (size_t block = 0; block < blocks; block++) hash_block(state, data, 64 * block);
    for (int lane = 0; lane < LANES; lane++) {
        for (int word = 0; word < words; word++) streams[lane]->state[word] = state[word][lane];
    }
}

void SHA1_ADVANCE(struct hash_stream *const *streams, size_t blocks) { advance_lanes(streams, blocks, 5, sha1_block); }

void SHA256_ADVANCE(struct hash_stream *const *streams, size_t blocks) {
    advance_lanes(streams, blocks, 8, sha256_block);
}
