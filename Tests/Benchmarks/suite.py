"""All benchmarks by name."""

import json
import os
import subprocess

import cold
import hostile
import idle
import lines
import making
import many_torrents
import metadata
import small_files
import tracker
import transfer
from measuring import BIN, Row


def quality(short=False):
    """Swarms of our brains in virtual time, beside the best that whole pieces over equal lines can do."""
    command = [os.path.join(BIN, "swarm-benchmark"), "--json"] + (["--short"] if short else ["--seeds", "10"])
    said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    names = {"last": "last, of T*", "mean": "mean, of T*", "copies": "seeder's copies", "free": "free riders' share"}
    rows = []
    for line in said.splitlines():
        found = json.loads(line)
        rows += [Row(f"{found['case']}: {text}", "", found[key]["median"]) for key, text in names.items()
                 if key in found]
    return rows


# Parts of what is below, run if they are named.
PARTS = tracker.PARTS

BENCHMARKS = {
    **making.BENCHMARKS, **transfer.BENCHMARKS, **metadata.BENCHMARKS, **many_torrents.BENCHMARKS,
    **small_files.BENCHMARKS, **cold.BENCHMARKS, **idle.BENCHMARKS, **hostile.BENCHMARKS, **lines.BENCHMARKS,
    **tracker.BENCHMARKS,
    "quality": quality,
}
