"""All benchmarks by name."""

import json
import os
import subprocess

import cold
import idle
import lines
import making
import tracker as trackers
import transfer
from measuring import BIN, Row, need

# We are in a namespace already, and whoever calls us has built the programs.
os.environ[trackers.INSIDE] = "1"
os.environ["P2P_BENCHMARK_NO_BUILD"] = "1"


def tracker(short=False, only=None):
    """The tracker beside opentracker, and beside servers that only answer."""
    need("opentracker")
    rows = []
    for found in trackers.run(short, only):
        ours, peer = found["ours"], found["peer"]
        plain = ours / peer if ours and peer else None
        # Times and bytes: fewer are better, and the ratio was turned over.
        is_turned = bool(plain and found["ratio"] and abs(found["ratio"] / plain - 1) > 0.01)
        rows.append(Row(found["name"], found["unit"], ours, peer, found["limit"], less_is_better=is_turned))
    return rows


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


def part(comparison):
    """One of the tracker's comparisons by itself."""
    def alone(short=False):
        return tracker(short, [comparison])
    alone.__doc__ = f"Of that, {comparison} alone."
    return alone


# Parts of what is below, run if they are named.
PARTS = {f"tracker-{name}": part(name) for name in trackers.COMPARISONS}

BENCHMARKS = {
    **making.BENCHMARKS, **transfer.BENCHMARKS, **cold.BENCHMARKS, **idle.BENCHMARKS, **lines.BENCHMARKS,
    "tracker": tracker, "quality": quality,
}
