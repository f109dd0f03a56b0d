#pragma once

#include <stddef.h>
#include <stdint.h>

/// libFuzzer's loop, for a program with a `main` of its own: calls `callback` with inputs until it is told to end.
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*callback)(const uint8_t *data, size_t size));
