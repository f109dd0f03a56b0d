// Hints to the system about memory.
#include "CMemoryHints.h"

#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

void p2p_give_back(void *start, size_t length) {
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t first = ((uintptr_t)start + page - 1) & ~(page - 1);
    uintptr_t end = ((uintptr_t)start + length) & ~(page - 1);
    // A hint: where the system does not take it, the memory stays.
    if (end > first) (void)madvise((void *)first, end - first, MADV_DONTNEED);
}
