#pragma once

#include "CSHA1Kernels.h"

/// The widest kernel's number of lanes.
#define SHA1_MAX_LANES 16

#define SHA1_K0 0x5A827999u
#define SHA1_K1 0x6ED9EBA1u
#define SHA1_K2 0x8F1BBCDCu
#define SHA1_K3 0xCA62C1D6u

/// Hashes the next `blocks` blocks of as many lanes as the kernel is wide. Reads `data`, writes `state`, moves nothing.
typedef void sha1_advance(struct sha1_lane *const *lanes, size_t blocks);

sha1_advance sha1_advance_portable;

#if defined(__x86_64__)
sha1_advance sha1_advance_sse2;
sha1_advance sha1_advance_avx2;
sha1_advance sha1_advance_avx512;
/// One lane, and two lanes whose instructions alternate.
sha1_advance sha1_advance_shani;
sha1_advance sha1_advance_shani2;
#elif defined(__aarch64__)
sha1_advance sha1_advance_neon;
#endif
