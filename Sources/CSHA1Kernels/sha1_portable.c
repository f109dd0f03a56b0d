#include "CSHA1Kernels.h"
