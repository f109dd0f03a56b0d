// Hints to the processor for which Swift has no words.
#pragma once

/// Has the line of memory at `address` fetched into the caches, without waiting for it. Any address will do.
static inline void p2p_fetch_ahead(const void *address) { __builtin_prefetch(address); }
