"""Latency at half load while the tracker has something else to do: its table grows from nothing, or 10 million peers
expire. One round each, over the wire, beside the server that only answers, at the same rate."""

import json
import os
import subprocess
import sys
import time
import urllib.request

from measuring import BIN, Row
from tracker_servers import cores, limit_server, load, ours

FIGURES = [("p50_ms", "median"), ("p99_ms", "p99"), ("p999_ms", "p99.9"), ("max_ms", "longest")]


def rows(title, reports):
    return [Row(f"UDP latency at half load {title}, {text}", "ms", reports["ours"][key], None, reports["limit"][key],
                limit_name="only answers", less_is_better=True) for key, text in FIGURES]


def half_rate(bench, server, rest):
    """Half of what a server answers in a second; it knows no peer before, and has a million torrents after."""
    torrents = 20_000 if bench.short else 1_000_000
    found = load(bench.tools["udp-load"], server.port, rest, torrents=torrents, peers=10,
                 requests=20_000 if bench.short else 400_000)
    return int(found["rate"] / 2)


def paced(bench, server, rest, rate, torrents, seconds):
    return load(bench.tools["udp-load"], server.port, rest, torrents=torrents, peers=10, rate=rate, seconds=seconds,
                requests=10_000_000)


def statistics(server):
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/stats.json", timeout=60) as answer:
        return json.load(answer)


def growing(bench):
    """Latency at half load while the table grows from nothing to two million peers of a million torrents."""
    where, rest = cores()
    torrents, seconds = (20_000, 0.5) if bench.short else (1_000_000, 30)
    warm = ours(where)
    rate = half_rate(bench, warm, rest)
    warm.end()
    reports = {}
    for name, server in [("ours", ours(where)), ("limit", limit_server(bench.tools["udp-limit"], where))]:
        try:
            # What only answers is the same at any time.
            reports[name] = paced(bench, server, rest, rate, torrents, seconds if name == "ours" else seconds / 3)
            if name == "ours":
                found = statistics(server)
                peers = found["seeders"] + found["leechers"]
        finally:
            server.end()
    return rows(f"while the table grows from 0 to {peers:,} peers", reports)


def expiring(bench):
    """Latency at half load while 10 million peers expire."""
    # All of a state file go silent in the same minute, and are looked for over the next.
    where, rest = cores()
    seconds = 0.5 if bench.short else 30
    path = os.path.join(bench.folder, "state")
    # Made so old that none outlives the minute in which the server starts.
    subprocess.run([os.path.join(BIN, "tracker-benchmark"), "--state", path, *(["--short"] if bench.short else [])],
                   check=True, stdout=subprocess.DEVNULL)
    server, limit = ours(where, state=path), None
    try:
        started = statistics(server)
        rate = half_rate(bench, server, rest)
        before, deadline = statistics(server), time.monotonic() + 70
        while not bench.short and before["expired"] == 0 and time.monotonic() < deadline:
            time.sleep(0.5)
            before = statistics(server)
        reports = {"ours": paced(bench, server, rest, rate, 20_000, seconds)}
        gone = statistics(server)["expired"] - before["expired"]
        limit = limit_server(bench.tools["udp-limit"], where)
        reports["limit"] = paced(bench, limit, rest, rate, 20_000, seconds / 3)
    finally:
        # Not asked to end: it would write all of its state first.
        server.process.kill()
        server.end()
        if limit:
            limit.end()
    peers = started["seeders"] + started["leechers"]
    print(f"{gone:,} of {peers:,} peers expired while it was measured", file=sys.stderr)
    if not bench.short and gone < peers // 4:
        raise RuntimeError("too few peers expired for this to mean anything")
    return rows(f"while {peers:,} peers expire", reports)
