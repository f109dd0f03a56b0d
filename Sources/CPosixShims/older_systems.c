// Two functions that newer versions of glibc have in another version or at all, and that the Swift runtime and the C++
// unwinder ask for when they are linked in. With these the programs of a release build start on glibc 2.34 too.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <math.h>
#include <stddef.h>

#define HERE_ONLY __attribute__((visibility("hidden")))

// In glibc 2.35 it came in a new version, which leaves errno alone. Squares of floats fit a double.
HERE_ONLY float hypotf(float x, float y) {
    if (isinf(x) || isinf(y)) return INFINITY;
    return (float)sqrt((double)x * x + (double)y * y);
}

// New in glibc 2.35: finds where the unwinder has to look. Where the headers lack it, so does the unwinder.
#ifdef DLFO_STRUCT_HAS_EH_DBASE

struct search {
    ElfW(Addr) address;
    struct dl_find_object *found;
};

static int look(struct dl_phdr_info *object, size_t size, void *context) {
    (void)size;
    struct search *search = context;
    ElfW(Addr) start = ~(ElfW(Addr))0, end = 0;
    void *frames = NULL;
    int is_inside = 0;
    for (size_t i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &object->dlpi_phdr[i];
        ElfW(Addr) from = object->dlpi_addr + part->p_vaddr;
        if (part->p_type == PT_GNU_EH_FRAME) frames = (void *)from;
        if (part->p_type != PT_LOAD) continue;
        ElfW(Addr) to = from + part->p_memsz;
        if (from < start) start = from;
        if (to > end) end = to;
        if (search->address >= from && search->address < to) is_inside = 1;
    }
    if (!is_inside) return 0;
    *search->found = (struct dl_find_object){
        .dlfo_map_start = (void *)start, .dlfo_map_end = (void *)end, .dlfo_eh_frame = frames};
    return 1;
}

HERE_ONLY int _dl_find_object(void *address, struct dl_find_object *found) {
    struct search search = {(ElfW(Addr))address, found};
    return dl_iterate_phdr(look, &search) ? 0 : -1;
}

#endif
