"""The tracker beside opentracker and beside servers that only answer.

Bounded in count and time. On a machine with more than one core the servers have the first to themselves and the load
generators the others, and, where the system lets us, all of them go before whatever else runs (SCHED_FIFO): a pause is
then the server's own.
"""

import json
import os
import shutil
import subprocess
import tempfile

import tracker_strain
from measuring import BIN, MEBI, Row
from tracker_servers import alternate, cores, helpers, limit_server, load, on, opentracker, ours, timed


class Bench:
    """What all comparisons need."""

    def __init__(self, short):
        self.short = short
        self.rounds = 1 if short else 5
        self.tools = helpers()
        self.torrents = 1_000 if short else 20_000
        self.peers = 20
        self.folder = tempfile.mkdtemp(prefix="tracker-benchmark")

    def servers(self, limit, *options, lanes=1):
        """Ours, opentracker and a limit server, the trackers filled."""
        where, rest = cores(lanes)
        found = {"peer": opentracker(where, self.torrents, self.folder), "ours": ours(where, lanes),
                 "limit": limit_server(self.tools[limit], where, *options)}
        for name in ("peer", "ours"):
            load(self.tools["udp-load"], found[name].port, rest, torrents=self.torrents, peers=self.peers, fill=True,
                 seconds=60)
        return found, rest

    def compare(self, servers, rest, tool, key, title, unit, **options):
        def measure(name, server):
            return timed(server, self.tools[tool], server.port, rest, torrents=self.torrents, peers=self.peers,
                         **options)
        return [self.row(alternate(servers, self.rounds, measure), key, title, unit)]

    @staticmethod
    def row(medians, key, title, unit, less_is_better=False):
        return Row(title, unit, medians["ours"][key], medians["peer"][key], medians["limit"][key], "opentracker",
                   "only answers", less_is_better)


def stop(servers):
    for server in servers.values():
        server.end()


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
        return [bench.row(medians, key, f"UDP latency at half load, {title}", "ms", less_is_better=True)
                for key, title in tracker_strain.FIGURES]
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
            rows.append(bench.row(medians, "rate", title, "1/s"))
            rows.append(bench.row(medians, "per_cpu", f"{title}, a CPU second", "1/s"))
        return rows
    finally:
        stop(servers)


def size(bench):
    """UDP announces with a million torrents beside a thousand, both in ours."""
    where, rest = cores()
    sizes = {"many": 20_000 if bench.short else 1_000_000, "few": 1_000}
    servers = {name: ours(where) for name in sizes}
    try:
        for name, server in servers.items():
            load(bench.tools["udp-load"], server.port, rest, torrents=sizes[name], peers=10, fill=True,
                 requests=sizes[name] * 10, seconds=300)

        def measure(name, server):
            return timed(server, bench.tools["udp-load"], server.port, rest, torrents=sizes[name], peers=10,
                         requests=20_000 if bench.short else 500_000, seconds=20)
        medians = alternate(servers, bench.rounds, measure)
        return [Row(f"UDP announces a CPU second, {sizes['many']:,} torrents", "1/s", medians["many"]["per_cpu"],
                    medians["few"]["per_cpu"], peer_name="ours with 1,000")]
    finally:
        stop(servers)


def memory(bench):
    """What a peer takes in the running tracker, in the random order of the load generator."""
    where, rest = cores()
    torrents, peers = (5_000, 10) if bench.short else (200_000, 10)
    found = {"peer": opentracker(where, torrents, bench.folder), "ours": ours(where)}
    try:
        taken = {}
        for name, server in found.items():
            before = server.resident()
            load(bench.tools["udp-load"], server.port, rest, torrents=torrents, peers=peers, fill=True,
                 requests=torrents * peers, seconds=60)
            taken[name] = (server.resident() - before) * MEBI / (torrents * peers)
        return [Row(f"memory a peer, {torrents:,} torrents of {peers}", "bytes", taken["ours"], taken["peer"],
                    peer_name="opentracker", less_is_better=True)]
    finally:
        stop(found)


def table(bench):
    """The table by itself: 10 million peers of 1 million torrents in random order, then a million of one torrent."""
    program = os.path.join(BIN, "tracker-benchmark")
    rows = []
    swarm = ["--torrents", "1", "--peers", "20000" if bench.short else "1000000"]
    cases = [("", ["--runs", "3"]), (" (IPv6)", ["--ipv6", "--runs", "2"]), (" (one swarm)", [*swarm, "--runs", "2"])]
    where, _ = cores()
    for title, options in cases:
        command = [program, "--json", *(["--short"] if bench.short else []), *options]
        report = json.loads(subprocess.run(command, capture_output=True, text=True, check=True, timeout=400,
                                           preexec_fn=on(where)).stdout)
        rows += [Row(f"table{title}: {name}", found["unit"], found["value"]) for name, found in report.items()]
    return rows


COMPARISONS = {
    "udp": udp, "udp-lanes": udp_lanes, "latency": udp_latency, "growing": tracker_strain.growing,
    "expiring": tracker_strain.expiring, "http": http, "keep-alive": keep_alive, "size": size, "memory": memory,
    "table": table,
}


def benchmark(comparison):
    """A comparison as the suite runs it."""
    def run(short=False):
        bench = Bench(short)
        try:
            return comparison(bench)
        finally:
            shutil.rmtree(bench.folder)
    run.__doc__ = comparison.__doc__
    return run


# Each by itself, and all of them.
PARTS = {f"tracker-{name}": benchmark(comparison) for name, comparison in COMPARISONS.items()}


def tracker(short=False):
    """The tracker beside opentracker, and beside servers that only answer."""
    return [row for run in PARTS.values() for row in run(short)]


BENCHMARKS = {"tracker": tracker}
