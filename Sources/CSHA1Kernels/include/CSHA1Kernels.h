#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// The ways in which SHA-1 can be computed; not every processor has every one.
enum sha1_kernel {
    SHA1_PORTABLE,
    SHA1_SSE2,
    SHA1_AVX2,
    SHA1_AVX512,
    SHA1_SHANI,
    SHA1_NEON,
    SHA1_KERNEL_COUNT,
};

/// One of many streams that are hashed at once. Whoever owns the lane pads its last block.
struct sha1_lane {
    uint32_t state[5];
    /// What is still to be hashed: `blocks` times 64 bytes.
    const uint8_t *data;
    size_t blocks;
};

/// Whether this processor, and the system's saving of its registers, can run `kernel`.
bool sha1_kernel_available(enum sha1_kernel kernel);

/// The one that is fastest on this processor.
enum sha1_kernel sha1_kernel_best(void);

/// How many streams `kernel` takes in one go.
size_t sha1_kernel_lanes(enum sha1_kernel kernel);

/// Brings each lane to its end (`blocks` is 0 then), whatever their number and lengths. `kernel` must be available.
/// Lanes are taken up in order, so put the longest first.
void sha1_feed(enum sha1_kernel kernel, struct sha1_lane *lanes, size_t count);
