#!/usr/bin/env python3
"""Measures the tracker beside opentracker and beside servers that only answer.

    python3 Tests/Benchmarks/tracker.py [--short] [--only udp,http,table,...] [--rounds N] [--json]

Everything happens on loopback in a network namespace of its own, bounded in count and time. On a machine with more
than one core the servers have the first to themselves and the load generators the others, and, where the system lets
us, all of them go before whatever else runs (SCHED_FIFO): a pause is then the server's own.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import tracker_strain
from tracker_servers import Server, alternate, build, cores, free_port, helpers, load, on, opentracker, ours, timed

INSIDE = "P2P_TRACKER_BENCHMARK_NAMESPACE"


def row(name, ours, peer, limit, unit, ratio=None):
    """A line of the table; the ratio is ours to the peer, above 1 where ours is the better one."""
    if ratio is None and peer:
        ratio = ours / peer
    return {"name": name, "ours": ours, "peer": peer, "limit": limit, "ratio": ratio, "unit": unit}


# --- the comparisons


class Bench:
    """What all comparisons need."""

    def __init__(self, short=False, rounds=None):
        self.short = short
        self.rounds = rounds or (1 if short else 5)
        self.tools = helpers()
        self.torrents = 1_000 if short else 20_000
        self.peers = 20
        self.folder = tempfile.mkdtemp(prefix="tracker-benchmark")

    def servers(self, limit, *options, lanes=1):
        """Ours, opentracker and a limit server, the trackers filled."""
        where, rest = cores(lanes)
        found = {"ours": ours(where, lanes)}
        peer = opentracker(where, self.torrents, self.folder)
        if peer:
            found["peer"] = peer
        port = free_port()
        found["limit"] = Server([self.tools[limit], "--port", str(port), "--seconds", "600", *options], port, where)
        for name in found:
            if name != "limit":
                load(self.tools["udp-load"], found[name].port, rest, torrents=self.torrents, peers=self.peers,
                     fill=True, seconds=60)
        return found, rest

    def compare(self, servers, rest, tool, key, title, unit, **options):
        def measure(name, server):
            return timed(server, self.tools[tool], server.port, rest, torrents=self.torrents, peers=self.peers,
                         **options)
        return self.rows(alternate(servers, self.rounds, measure), key, title, unit)

    @staticmethod
    def rows(medians, key, title, unit):
        def value(name):
            return medians[name][key] if name in medians else None
        return [row(title, value("ours"), value("peer"), value("limit"), unit)]


def stop(servers):
    for server in servers.values():
        server.stop()


def udp(bench, lanes=1):
    """UDP announces with 20 peers in each answer, as many as the server takes."""
    servers, rest = bench.servers("udp-limit", lanes=lanes)
    try:
        suffix = "" if lanes == 1 else f", {lanes} lanes"
        return bench.compare(servers, rest, "udp-load", "per_cpu", f"UDP announces a CPU second{suffix}", "1/s",
                             requests=20_000 if bench.short else 800_000, seconds=20)
    finally:
        stop(servers)


def udp_lanes(bench):
    """The same with two lanes; the load shares the processors, so that answers a CPU second are what counts."""
    return udp(bench, lanes=2)


def udp_latency(bench):
    """Latency at half of what the slower server can do, both paced alike."""
    servers, rest = bench.servers("udp-limit")
    try:
        flat = {name: load(bench.tools["udp-load"], server.port, rest, torrents=bench.torrents, peers=bench.peers,
                           requests=20_000 if bench.short else 300_000)["rate"] for name, server in servers.items()}

        def measure(name, server):
            return load(bench.tools["udp-load"], server.port, rest, torrents=bench.torrents, peers=bench.peers,
                        rate=int(flat[name] / 2), seconds=0.5 if bench.short else 4, requests=10_000_000)
        medians = alternate(servers, bench.rounds, measure)
        rows = []
        for key, title in [("p50_ms", "median"), ("p99_ms", "p99"), ("p999_ms", "p99.9"), ("max_ms", "longest")]:
            rows += bench.rows(medians, key, f"UDP latency at half load, {title}", "ms")
        for found in rows:
            found["ratio"] = found["peer"] / found["ours"] if found["peer"] and found["ours"] else None
        return rows
    finally:
        stop(servers)


def http(bench):
    """HTTP announces with a connection each."""
    servers, rest = bench.servers("http-limit", "--close")
    try:
        return bench.compare(servers, rest, "http-load", "per_cpu", "HTTP announces, a connection each, a CPU second",
                             "1/s", close=True, requests=3_000 if bench.short else 60_000, seconds=20)
    finally:
        stop(servers)


def keep_alive(bench):
    """HTTP announces over kept connections, beside opentracker's best, which closes each; then pipelined."""
    servers, rest = bench.servers("http-limit")
    try:
        rows = []
        for depth in [1, 16]:
            def measure(name, server):
                options = {"close": True, "requests": 3_000 if bench.short else 40_000}
                if name != "peer":
                    # From one address: from many, each would bring new peers, and the swarms grow from round to round.
                    options = {"depth": depth, "requests": 20_000 if bench.short else 300_000, "sources": 1}
                return timed(server, bench.tools["http-load"], server.port, rest, torrents=bench.torrents,
                             peers=bench.peers, seconds=20, **options)
            title = "HTTP announces, kept connections" if depth == 1 else f"HTTP announces, pipelined {depth} deep"
            medians = alternate(servers, bench.rounds, measure)
            rows += bench.rows(medians, "rate", title, "1/s")
            rows += bench.rows(medians, "per_cpu", f"{title}, a CPU second", "1/s")
        return rows
    finally:
        stop(servers)


def size(bench):
    """UDP announces with a million torrents beside a thousand, both in ours: `peer` is the one with a thousand."""
    where, rest = cores()
    torrents = 20_000 if bench.short else 1_000_000
    sizes = {"ours": (torrents, 10), "peer": (1_000, 10)}
    servers = {name: ours(where) for name in sizes}
    try:
        for name, server in servers.items():
            load(bench.tools["udp-load"], server.port, rest, torrents=sizes[name][0], peers=10, fill=True,
                 requests=sizes[name][0] * 10, seconds=300)

        def measure(name, server):
            return timed(server, bench.tools["udp-load"], server.port, rest, torrents=sizes[name][0], peers=10,
                         requests=20_000 if bench.short else 500_000, seconds=20)
        medians = alternate(servers, bench.rounds, measure)
        return bench.rows(medians, "per_cpu", f"UDP announces a CPU second, {torrents:,} torrents to 1,000", "1/s")
    finally:
        stop(servers)


def memory(bench):
    """What a peer takes in the running tracker, in the random order of the load generator."""
    where, rest = cores()
    torrents, peers = (5_000, 10) if bench.short else (200_000, 10)
    found = {"ours": ours(where)}
    peer = opentracker(where, torrents, bench.folder)
    if peer:
        found["peer"] = peer
    try:
        taken = {}
        for name, server in found.items():
            before = server.resident()
            load(bench.tools["udp-load"], server.port, rest, torrents=torrents, peers=peers, fill=True,
                 requests=torrents * peers, seconds=60)
            taken[name] = (server.resident() - before) * 1_048_576 / (torrents * peers)
        ratio = taken["peer"] / taken["ours"] if "peer" in taken else None
        title = f"memory a peer, {torrents:,} torrents of {peers}"
        return [row(title, taken["ours"], taken.get("peer"), None, "bytes", ratio)]
    finally:
        stop(found)


def table(bench):
    """The table by itself: 10 million peers of 1 million torrents in random order, then a million of one torrent."""
    program = build("tracker-benchmark")
    rows = []
    swarm = ["--torrents", "1", "--peers", "20000" if bench.short else "1000000"]
    cases = [("", ["--runs", "3"]), (" (IPv6)", ["--ipv6", "--runs", "2"]), (" (one swarm)", [*swarm, "--runs", "2"])]
    where, _ = cores()
    for title, options in cases:
        command = [program, "--json", *(["--short"] if bench.short else []), *options]
        report = json.loads(subprocess.run(command, capture_output=True, text=True, check=True, timeout=400,
                                           preexec_fn=on(where)).stdout)
        rows += [row(f"table{title}: {name}", found["value"], None, None, found["unit"])
                 for name, found in report.items()]
    return rows


def growing(bench):
    """Latency at half load while the table grows from nothing."""
    return tracker_strain.growing(bench, row)


def expiring(bench):
    """Latency at half load while 10 million peers expire."""
    return tracker_strain.expiring(bench, row)


COMPARISONS = {
    "udp": udp, "udp-lanes": udp_lanes, "latency": udp_latency, "growing": growing,
    "expiring": expiring, "http": http, "keep-alive": keep_alive,
    "size": size, "memory": memory, "table": table,
}


def in_namespace(arguments):
    """Runs this file again where there is nothing but loopback; its output."""
    inner = f"ip link set lo up && exec {sys.executable} {Path(__file__).resolve()} {' '.join(arguments)}"
    unshare = ["unshare", "-n"] if os.geteuid() == 0 else ["unshare", "-rn"]
    command = [*unshare, "sh", "-c", inner]
    environment = {**os.environ, INSIDE: "1"}
    return subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True).stdout


def run(short=False, only=None, rounds=None):
    """All comparisons, or the named ones; their rows."""
    arguments = ["--json"] + (["--short"] if short else []) + (["--only", ",".join(only)] if only else [])
    if rounds:
        arguments += ["--rounds", str(rounds)]
    if INSIDE not in os.environ:
        for product in ["p2p-tracker", "tracker-benchmark"]:
            build(product)
        os.environ["P2P_BENCHMARK_NO_BUILD"] = "1"
        return [json.loads(line) for line in in_namespace(arguments).splitlines()]
    bench = Bench(short, rounds)
    rows = []
    for name, comparison in COMPARISONS.items():
        if only is None or name in only:
            rows += comparison(bench)
    shutil.rmtree(bench.folder, ignore_errors=True)
    return rows


def shown(value):
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.3g}"


def main():
    arguments = sys.argv[1:]

    def option(name):
        return arguments[arguments.index(name) + 1] if name in arguments else None
    only = option("--only")
    rounds = option("--rounds")
    rows = run("--short" in arguments, only.split(",") if only else None, int(rounds) if rounds else None)
    for found in rows:
        if "--json" in arguments:
            print(json.dumps(found), flush=True)
        else:
            columns = [shown(found[key]).rjust(12) for key in ["ours", "peer", "limit", "ratio"]]
            print(f"{found['name']:58}", *columns, "", found["unit"])


if __name__ == "__main__":
    main()
