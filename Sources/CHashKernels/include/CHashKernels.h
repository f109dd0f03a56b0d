// SHA-1 and SHA-256 of many streams at once, in the ways that processors know.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// The ways in which hashes can be computed; not every processor has every one.
enum hash_kernel {
    HASH_PORTABLE,
    HASH_SSE2,
    HASH_AVX2,
    HASH_AVX512,
    HASH_SHA_X86,
    HASH_NEON,
    HASH_SHA_ARM,
    HASH_KERNEL_COUNT,
};

/// One of many streams that are hashed at once. Its owner pads its last block.
struct hash_stream {
    /// Five words for SHA-1, eight for SHA-256.
    uint32_t state[8];
    /// What is still to be hashed: `blocks` times 64 bytes.
    const uint8_t *data;
    size_t blocks;
};

/// Whether this processor, and the system's saving of its registers, can run `kernel`.
bool hash_kernel_available(enum hash_kernel kernel);

/// The one that is fastest on this processor, for SHA-1 and SHA-256 alike, or the one that was forced.
enum hash_kernel hash_kernel_best(void);

/// From now on `kernel` is the best, for the whole process; false, and nothing changes, if the processor lacks it.
bool hash_kernel_force(enum hash_kernel kernel);

/// Whether one was forced. Then a vector kernel does without the SHA instructions, which otherwise take over where few
/// streams are left: it computes as on a processor that has none.
bool hash_kernel_is_forced(void);

/// In lower case, without blanks.
const char *hash_kernel_name(enum hash_kernel kernel);

/// How many streams `kernel` takes in one go.
size_t hash_kernel_streams(enum hash_kernel kernel);

/// Brings each stream to its end (`blocks` is 0 then), whatever their number and lengths. `kernel` must be available.
/// Streams are taken up in order, so put the longest first.
void sha1_feed(enum hash_kernel kernel, struct hash_stream *streams, size_t count);
void sha256_feed(enum hash_kernel kernel, struct hash_stream *streams, size_t count);
