"""Latency at half load while the tracker has something else to do: its table grows from nothing, or 10 million peers
expire. One round each, over the wire; `limit` is the server that only answers, at the same rate."""

import json
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from tracker_servers import Server, build, cores, free_port, load, ours

FIGURES = [("p50_ms", "median"), ("p99_ms", "p99"), ("p999_ms", "p99.9"), ("max_ms", "longest")]


def rows(row, title, reports):
    def value(name, key):
        return reports[name][key] if name in reports else None
    return [row(f"UDP latency at half load {title}, {text}", value("ours", key), None, value("limit", key), "ms")
            for key, text in FIGURES]


def half_rate(bench, server, rest):
    """Half of what a server answers in a second; it knows no peer before, and has a million torrents after."""
    torrents = 20_000 if bench.short else 1_000_000
    found = load(bench.tools["udp-load"], server.port, rest, torrents=torrents, peers=10,
                 requests=20_000 if bench.short else 400_000)
    return int(found["rate"] / 2)


def paced(bench, server, rest, rate, torrents, seconds):
    return load(bench.tools["udp-load"], server.port, rest, torrents=torrents, peers=10, rate=rate, seconds=seconds,
                requests=10_000_000)


def limit_server(bench, where):
    port = free_port()
    return Server([bench.tools["udp-limit"], "--port", str(port), "--seconds", "600"], port, where)


def statistics(server):
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/stats.json", timeout=60) as answer:
        return json.load(answer)


def growing(bench, row):
    """From nothing to two million peers of a million torrents."""
    where, rest = cores()
    torrents, seconds = (20_000, 0.5) if bench.short else (1_000_000, 30)
    warm = ours(where)
    rate = half_rate(bench, warm, rest)
    warm.stop()
    reports = {}
    for name, server in [("ours", ours(where)), ("limit", limit_server(bench, where))]:
        try:
            # What only answers is the same at any time.
            reports[name] = paced(bench, server, rest, rate, torrents, seconds if name == "ours" else seconds / 3)
            if name == "ours":
                found = statistics(server)
                peers = found["seeders"] + found["leechers"]
        finally:
            server.stop()
    return rows(row, f"while the table grows from 0 to {peers:,} peers", reports)


def expiring(bench, row):
    """All peers of a state file go silent in the same minute, and are looked for over the next: half of that."""
    where, rest = cores()
    seconds = 0.5 if bench.short else 30
    path = Path(bench.folder) / "state"
    # Made so old that none outlives the minute in which the server starts.
    subprocess.run([build("tracker-benchmark"), "--state", str(path), *(["--short"] if bench.short else [])],
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
        limit = limit_server(bench, where)
        reports["limit"] = paced(bench, limit, rest, rate, 20_000, seconds / 3)
    finally:
        server.process.kill()
        server.process.wait()
        if limit:
            limit.stop()
    peers = started["seeders"] + started["leechers"]
    print(f"{gone:,} of {peers:,} peers expired while it was measured", file=sys.stderr)
    if not bench.short and gone < peers // 4:
        raise RuntimeError("too few peers expired for this to mean anything")
    return rows(row, f"while {peers:,} peers expire", reports)
