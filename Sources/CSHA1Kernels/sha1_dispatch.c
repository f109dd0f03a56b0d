#include "sha1_kernels.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <stdatomic.h>

enum ability {
    KNOWN = 1,
    HAS_SHA = 2,
    HAS_AVX2 = 4,
    HAS_AVX512 = 8,
};

static unsigned ask_processor(void) {
    unsigned found = KNOWN;
    unsigned a, b, c, d, b7, c7, d7;
    if (!__get_cpuid(1, &a, &b, &c, &d)) return found;
    const bool has_sse41 = (c & 1u << 19) && (c & 1u << 9);
    const bool has_xgetbv = c & 1u << 27, has_avx = c & 1u << 28;
    if (!__get_cpuid_count(7, 0, &a, &b7, &c7, &d7)) return found;
    if (has_sse41 && (b7 & 1u << 29)) found |= HAS_SHA;
    if (!has_xgetbv) return found;
    // Which registers the system saves: bits 1 and 2 for AVX, 5 to 7 as well for AVX-512.
    unsigned saved, high;
    __asm__("xgetbv" : "=a"(saved), "=d"(high) : "c"(0));
    const bool has_avx512 = (b7 & 1u << 16) && (b7 & 1u << 30) && (b7 & 1u << 31);
    if ((saved & 0x06) == 0x06 && has_avx && (b7 & 1u << 5)) found |= HAS_AVX2;
    if ((saved & 0xE6) == 0xE6 && has_avx512) found |= HAS_AVX512;
    return found;
}

/// Asked once: under a hypervisor the question costs tens of microseconds.
static bool processor_has(enum ability ability) {
    static _Atomic unsigned abilities;
    unsigned known = atomic_load_explicit(&abilities, memory_order_relaxed);
    if (known == 0) {
        known = ask_processor();
        atomic_store_explicit(&abilities, known, memory_order_relaxed);
    }
    return known & (unsigned)ability;
}
#endif

bool sha1_kernel_available(enum sha1_kernel kernel) {
    switch (kernel) {
    case SHA1_PORTABLE: return true;
#if defined(__x86_64__)
    case SHA1_SSE2: return true;
    case SHA1_AVX2: return processor_has(HAS_AVX2);
    case SHA1_AVX512: return processor_has(HAS_AVX512);
    case SHA1_SHANI: return processor_has(HAS_SHA);
#elif defined(__aarch64__)
    case SHA1_NEON: return true;
#endif
    default: return false;
    }
}

enum sha1_kernel sha1_kernel_best(void) {
    // As measured on a Zen 3 core, GiB/s: AVX2 3.4, SHA instructions 2.9, SSE2 1.6, portable 0.6.
    static const enum sha1_kernel order[] = {SHA1_AVX512, SHA1_AVX2, SHA1_SHANI, SHA1_NEON, SHA1_SSE2};
    for (size_t place = 0; place < sizeof order / sizeof *order; place++) {
        if (sha1_kernel_available(order[place])) return order[place];
    }
    return SHA1_PORTABLE;
}

size_t sha1_kernel_lanes(enum sha1_kernel kernel) {
    switch (kernel) {
    case SHA1_SSE2:
    case SHA1_NEON: return 4;
    case SHA1_AVX2: return 8;
    case SHA1_AVX512: return 16;
    case SHA1_SHANI: return 2;
    default: return 1;
    }
}

static sha1_advance *wide_function(enum sha1_kernel kernel) {
    switch (kernel) {
#if defined(__x86_64__)
    case SHA1_SSE2: return sha1_advance_sse2;
    case SHA1_AVX2: return sha1_advance_avx2;
    case SHA1_AVX512: return sha1_advance_avx512;
    case SHA1_SHANI: return sha1_advance_shani2;
#elif defined(__aarch64__)
    case SHA1_NEON: return sha1_advance_neon;
#endif
    default: return sha1_advance_portable;
    }
}

/// Hashes `blocks` of each of the first `count` of `width` places; the rest are filled with copies that are thrown
/// away.
static void advance_together(
    sha1_advance *wide, size_t width, struct sha1_lane **active, size_t count, size_t blocks) {
    struct sha1_lane idle[SHA1_MAX_LANES];
    for (size_t place = count; place < width; place++) {
        idle[place] = *active[0];
        active[place] = &idle[place];
    }
    wide(active, blocks);
    for (size_t place = 0; place < count; place++) {
        active[place]->data += 64 * blocks;
        active[place]->blocks -= blocks;
    }
}

/// From how many lanes in use on a kernel is faster than what `finish_few` does.
static size_t worthwhile_lanes(enum sha1_kernel kernel, bool has_sha) {
    switch (kernel) {
    case SHA1_SSE2:
    case SHA1_NEON: return has_sha ? 4 : 2;
    case SHA1_AVX2: return has_sha ? 7 : 3;
    case SHA1_AVX512: return has_sha ? 10 : 3;
    default: return 2;
    }
}

/// Brings to their end the lanes that are too few to fill a vector: two and two where there are SHA instructions,
/// else one after the other.
static void finish_few(enum sha1_kernel kernel, bool has_sha, struct sha1_lane **lanes, size_t count) {
    sha1_advance *single = sha1_advance_portable;
    (void)has_sha;
#if defined(__x86_64__)
    if (has_sha) single = sha1_advance_shani;
#endif
    if (has_sha && kernel != SHA1_SHANI && count > 1) {
        struct sha1_lane few[SHA1_MAX_LANES];
        for (size_t place = 0; place < count; place++) few[place] = *lanes[place];
        sha1_feed(SHA1_SHANI, few, count);
        for (size_t place = 0; place < count; place++) *lanes[place] = few[place];
        return;
    }
    for (size_t place = 0; place < count; place++) {
        single(&lanes[place], lanes[place]->blocks);
        lanes[place]->data += 64 * lanes[place]->blocks;
        lanes[place]->blocks = 0;
    }
}

void sha1_feed(enum sha1_kernel kernel, struct sha1_lane *lanes, size_t count) {
    const bool has_sha = kernel != SHA1_PORTABLE && sha1_kernel_available(SHA1_SHANI);
    const size_t width = sha1_kernel_lanes(kernel), worthwhile = worthwhile_lanes(kernel, has_sha);
    sha1_advance *wide = wide_function(kernel);
    struct sha1_lane *active[SHA1_MAX_LANES];
    size_t filled = 0, next = 0;
    for (;;) {
        while (filled < width && next < count) {
            if (lanes[next].blocks > 0) active[filled++] = &lanes[next];
            next++;
        }
        if (filled < worthwhile && width > 1) break;
        if (filled == 0) return;
        size_t run = active[0]->blocks;
        for (size_t place = 1; place < filled; place++) {
            if (active[place]->blocks < run) run = active[place]->blocks;
        }
        advance_together(wide, width, active, filled, run);
        size_t kept = 0;
        for (size_t place = 0; place < filled; place++) {
            if (active[place]->blocks > 0) active[kept++] = active[place];
        }
        filled = kept;
    }
    finish_few(kernel, has_sha, active, filled);
}
