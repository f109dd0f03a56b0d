// Hints to the processor for which Swift has no words.
#pragma once

#include <stddef.h>

/// Has the line of memory at `address` fetched into the caches, without waiting for it. Any address will do.
static inline void p2p_fetch_ahead(const void *address) { __builtin_prefetch(address); }

/// Lets go of the whole pages of a stretch of memory that the program got from `malloc`: it stays the program's, and
/// may hold anything from then on.
void p2p_give_back(void *start, size_t length);
