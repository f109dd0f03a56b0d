// The hints are inline; a target needs a source all the same.
#include "CMemoryHints.h"
