"""All benchmarks by name."""

import cold
import making
import transfer

BENCHMARKS = {**transfer.BENCHMARKS, **cold.BENCHMARKS, **making.BENCHMARKS}
