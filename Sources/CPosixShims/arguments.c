// The arguments of the process, as bytes.
#include "CPosixShims.h"

#if defined(__linux__)

// What the C library gives to main() it gives to constructors, too, and main() is the compiler's own. Swift's
// CommandLine reads /proc instead, where there may be none, and repairs what is no UTF-8.
static int argument_count;
static char **arguments;

__attribute__((constructor)) static void keep_arguments(int count, char **values) {
    argument_count = count;
    arguments = values;
}

int p2p_argument_count(void) { return argument_count; }

const char *p2p_argument(int position) { return arguments[position]; }

#endif
