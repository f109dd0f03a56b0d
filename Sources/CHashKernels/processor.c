// What this processor can do, and which kernel that makes the best.
#include "hash_kernels.h"

#include <stdatomic.h>

enum ability {
    KNOWN = 1,
    HAS_SHA = 2,
    HAS_AVX2 = 4,
    HAS_AVX512 = 8,
};

#if defined(__x86_64__)
#include <cpuid.h>

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
#elif defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>

static unsigned ask_processor(void) {
    // AT_HWCAP, and its bits for SHA-1 and SHA-256.
    const unsigned long abilities = getauxval(16), both = 1ul << 5 | 1ul << 6;
    return (abilities & both) == both ? KNOWN | HAS_SHA : KNOWN;
}
#elif defined(__aarch64__) && defined(__APPLE__)
static unsigned ask_processor(void) { return KNOWN | HAS_SHA; }
#else
static unsigned ask_processor(void) { return KNOWN; }
#endif

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

bool hash_kernel_available(enum hash_kernel kernel) {
    switch (kernel) {
    case HASH_PORTABLE: return true;
#if defined(__x86_64__)
    case HASH_SSE2: return true;
    case HASH_AVX2: return processor_has(HAS_AVX2);
    case HASH_AVX512: return processor_has(HAS_AVX512);
    case HASH_SHA_X86: return processor_has(HAS_SHA);
#elif defined(__aarch64__)
    case HASH_NEON: return true;
    case HASH_SHA_ARM: return processor_has(HAS_SHA);
#endif
    default: return false;
    }
}

const char *hash_kernel_name(enum hash_kernel kernel) {
    static const char *const names[HASH_KERNEL_COUNT] = {
        "portable", "sse2", "avx2", "avx512", "sha-x86", "neon", "sha-arm"};
    return kernel < HASH_KERNEL_COUNT ? names[kernel] : "";
}

size_t hash_kernel_streams(enum hash_kernel kernel) {
    switch (kernel) {
    case HASH_SSE2:
    case HASH_NEON: return 4;
    case HASH_AVX2: return 8;
    case HASH_AVX512: return 16;
    case HASH_SHA_X86:
    case HASH_SHA_ARM: return MAX_STREAMS;
    default: return 1;
    }
}

/// Added to a kernel that was forced.
#define FORCED 0x100

static int choose_best(void) {
    // As measured on a Zen 3 core, SHA-1 in GiB/s: SHA instructions 4.0, AVX2 3.5, SSE2 1.7, portable 0.65.
    static const enum hash_kernel order[] = {
        HASH_AVX512, HASH_SHA_X86, HASH_SHA_ARM, HASH_AVX2, HASH_NEON, HASH_SSE2};
    for (size_t place = 0; place < sizeof order / sizeof *order; place++) {
        if (hash_kernel_available(order[place])) return order[place];
    }
    return HASH_PORTABLE;
}

static _Atomic int kept = -1;

static int chosen(void) {
    int choice = atomic_load_explicit(&kept, memory_order_relaxed);
    if (choice < 0) {
        int none = choice;
        choice = choose_best();
        // Another thread may have forced one meanwhile.
        if (!atomic_compare_exchange_strong(&kept, &none, choice)) choice = none;
    }
    return choice;
}

bool hash_kernel_force(enum hash_kernel kernel) {
    if (!hash_kernel_available(kernel)) return false;
    atomic_store_explicit(&kept, (int)kernel | FORCED, memory_order_relaxed);
    return true;
}

enum hash_kernel hash_kernel_best(void) { return chosen() & ~FORCED; }

bool hash_kernel_is_forced(void) { return chosen() & FORCED; }
