"""All benchmarks by name."""

import cold
import transfer

BENCHMARKS = {**transfer.BENCHMARKS, **cold.BENCHMARKS}
