// zlib's stream interface (zlib.h, stable since 1.2), without its header: the library is looked for when it is needed.
#if defined(__linux__)

#include "CPosixShims.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdlib.h>

struct stream {
    const uint8_t *next_in;
    unsigned avail_in;
    unsigned long total_in;
    uint8_t *next_out;
    unsigned avail_out;
    unsigned long total_out;
    const char *message;
    void *state;
    void *allocate, *release, *argument;
    int data_type;
    unsigned long checksum, reserved;
};

enum { OK = 0, STREAM_END = 1, BUFFER_ERROR = -5, NO_FLUSH = 0 };
/// The largest window; 32 more tells gzip and zlib apart by their heads, a minus stands for neither.
enum { ANY_FRAME = 15 + 32, NO_FRAME = -15 };

struct p2p_inflate {
    int (*begin)(struct stream *, int window, const char *version, int size);
    int (*step)(struct stream *, int flush);
    int (*end)(struct stream *);
    const char *(*version)(void);
};

const struct p2p_inflate *p2p_inflate_open(const char *name) {
    void *handle = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (!handle) return NULL;
    struct p2p_inflate *library = calloc(1, sizeof *library);
    if (!library) return NULL;
    *(void **)&library->begin = dlsym(handle, "inflateInit2_");
    *(void **)&library->step = dlsym(handle, "inflate");
    *(void **)&library->end = dlsym(handle, "inflateEnd");
    *(void **)&library->version = dlsym(handle, "zlibVersion");
    if (library->begin && library->step && library->end && library->version) return library;
    free(library);
    dlclose(handle);
    return NULL;
}

int p2p_inflate(
    const struct p2p_inflate *library, int is_raw, const uint8_t *input, size_t length, uint8_t *output,
    size_t capacity, size_t *written) {
    *written = 0;
    if (length > UINT_MAX || capacity > UINT_MAX) return P2P_INFLATE_FULL;
    struct stream stream = {
        .next_in = input, .avail_in = (unsigned)length, .next_out = output, .avail_out = (unsigned)capacity};
    if (library->begin(&stream, is_raw ? NO_FRAME : ANY_FRAME, library->version(), (int)sizeof stream) != OK)
        return P2P_INFLATE_MALFORMED;
    int result;
    do result = library->step(&stream, NO_FLUSH);
    while (result == OK);
    *written = capacity - stream.avail_out;
    library->end(&stream);
    if (result == STREAM_END) return P2P_INFLATE_WHOLE;
    // No step could be made any more: for want of room, or of input.
    if (result == BUFFER_ERROR) return stream.avail_out == 0 ? P2P_INFLATE_FULL : P2P_INFLATE_CUT_SHORT;
    return P2P_INFLATE_MALFORMED;
}

#endif
