// What the kernels have in common; for this target alone.
#pragma once

#include "CHashKernels.h"

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

/// The number of streams of the widest kernel.
#define MAX_WIDTH 16
/// As many streams as the SHA instructions of a processor are kept busy with.
#define MAX_STREAMS 4

#define SHA1_K0 0x5A827999u
#define SHA1_K1 0x6ED9EBA1u
#define SHA1_K2 0x8F1BBCDCu
#define SHA1_K3 0xCA62C1D6u

/// The round constants of FIPS 180-4, 4.2.2.
extern const uint32_t sha256_k[64];

/// Hashes the next `blocks` blocks of as many streams as the kernel is wide. Reads `data`, writes `state` alone.
typedef void hash_advance(struct hash_stream *const *streams, size_t blocks);
/// The same for one to MAX_STREAMS streams, whose instructions alternate.
typedef void hash_advance_streams(struct hash_stream *const *streams, size_t count, size_t blocks);

hash_advance sha1_advance_portable, sha256_advance_portable;

#if defined(__x86_64__)
hash_advance sha1_advance_sse2, sha256_advance_sse2;
hash_advance sha1_advance_avx2, sha256_advance_avx2;
hash_advance sha1_advance_avx512, sha256_advance_avx512;
#elif defined(__aarch64__)
hash_advance sha1_advance_neon, sha256_advance_neon;
#endif
hash_advance_streams sha1_advance_sha, sha256_advance_sha;

/// A loop that the compiler must unroll: what is inside wants its counter as a constant.
#define UNROLLED _Pragma("clang loop unroll(full)")
