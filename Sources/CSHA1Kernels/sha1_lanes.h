// Many streams at once, one in each 32-bit lane of a vector. A kernel defines, before it includes this once:
// SHA1_LANES, a multiple of four, and SHA1_ADVANCE, the function's name; the type `vec` of that many uint32_t;
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

static inline void hash_blocks(vec state[5], const uint8_t *const *data, size_t offset) {
    vec w[16];
    for (int part = 0; part < 4; part++) load_words(w + 4 * part, data, offset + 16 * (size_t)part);
    vec a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
#pragma clang loop unroll(full)
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

void SHA1_ADVANCE(struct sha1_lane *const *lanes, size_t blocks) {
    vec state[5];
    const uint8_t *data[SHA1_LANES];
    for (int lane = 0; lane < SHA1_LANES; lane++) {
        for (int word = 0; word < 5; word++) state[word][lane] = lanes[lane]->state[word];
        data[lane] = lanes[lane]->data;
    }
    for (size_t block = 0; block < blocks; block++) hash_blocks(state, data, 64 * block);
    for (int lane = 0; lane < SHA1_LANES; lane++) {
        for (int word = 0; word < 5; word++) lanes[lane]->state[word] = state[word][lane];
    }
}
