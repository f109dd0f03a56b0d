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
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BUILD = ROOT / ".build" / "benchmarks"
HELPERS = ["udp-load", "http-load", "udp-limit", "http-limit"]
INSIDE = "P2P_TRACKER_BENCHMARK_NAMESPACE"
TICK = os.sysconf("SC_CLK_TCK")
MASK = (1 << 64) - 1


def row(name, ours, peer, limit, unit, ratio=None):
    """A line of the table; the ratio is ours to the peer, above 1 where ours is the better one."""
    if ratio is None and peer:
        ratio = ours / peer
    return {"name": name, "ours": ours, "peer": peer, "limit": limit, "ratio": ratio, "unit": unit}


# --- building and placing


def build(product):
    """The release executable of a product."""
    path = ROOT / ".build" / "release" / product
    if "P2P_BENCHMARK_NO_BUILD" not in os.environ or not path.exists():
        subprocess.run(["swift", "build", "-c", "release", "--product", product], cwd=ROOT, check=True,
                       stdout=subprocess.DEVNULL)
    return path


def helpers():
    """The load generators and limit servers, compiled."""
    BUILD.mkdir(parents=True, exist_ok=True)
    compiler = shutil.which("clang") or "cc"
    paths = {}
    for name in HELPERS:
        source, target = HERE / "Tracker" / f"{name}.c", BUILD / name
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            subprocess.run([compiler, "-O3", "-o", target, source, "-lm"], check=True)
        paths[name] = str(target)
    return paths


def cores(lanes=1):
    """Processors for the servers and for the load."""
    have = sorted(os.sched_getaffinity(0))
    if len(have) <= lanes:
        return set(have), set(have)
    return set(have[:lanes]), set(have[lanes:])


def on(processors):
    """What a process does before it becomes a server or a load on some of the processors."""
    has_its_own = len(processors) < len(os.sched_getaffinity(0))

    def settle():
        os.sched_setaffinity(0, processors)
        # Those that share all processors with each other take turns as usual.
        if has_its_own:
            try:
                os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(10))
            except PermissionError:
                pass
    return settle


# --- servers


class Server:
    """A server on a port of 127.0.0.1, whose processor time can be read."""

    def __init__(self, command, port, processors):
        self.port = port
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                        preexec_fn=on(processors))
        time.sleep(0.3)
        if self.process.poll() is not None:
            raise RuntimeError(f"{command[0]} ended at once")

    def cpu(self):
        """Seconds of user and system time so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def resident(self):
        """MiB."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        return 0

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def ours(processors, lanes=1):
    port = free_port()
    command = [build("p2p-tracker"), "--port", str(port), "--bind", "127.0.0.1", "--quiet"]
    if lanes > 1:
        command += ["--lanes", str(lanes)]
    return Server(command, port, processors)


def mix(value):
    value = value + 0x9E3779B97F4A7C15 & MASK
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9 & MASK
    value = (value ^ value >> 27) * 0x94D049BB133111EB & MASK
    return value ^ value >> 31


def opentracker(processors, torrents, folder):
    """None if it is not installed. The Debian build serves listed torrents alone: those of the load generators."""
    if not shutil.which("opentracker"):
        return None
    lines = []
    for torrent in range(torrents):
        first = mix(torrent * 2 + 2)
        lines.append(f"{first:016x}{mix(first):016x}{mix(first + 1 & MASK) & 0xFFFFFFFF:08x}\n")
    (Path(folder) / "whitelist").write_text("".join(lines))
    os.chmod(folder, 0o755)
    port = free_port()
    command = ["opentracker", "-i", "127.0.0.1", "-p", str(port), "-P", str(port), "-d", folder, "-w", "whitelist"]
    return Server(command, port, processors)


def load(command, port, processors, **options):
    """Runs a load generator; what it reports."""
    arguments = [command, "--port", str(port)]
    for name, value in options.items():
        if value is True:
            arguments.append(f"--{name}")
        elif value is not None:
            arguments += [f"--{name}", str(value)]
    result = subprocess.run(arguments, capture_output=True, text=True, preexec_fn=on(processors), timeout=330)
    if result.returncode != 0:
        raise RuntimeError(f"{' '.join(arguments)}: {result.stderr}")
    return json.loads(result.stdout)


def timed(server, *arguments, **options):
    """A load with the server's processor time: answers a CPU second, and answers a second."""
    before = server.cpu()
    report = load(*arguments, **options)
    spent = server.cpu() - before
    report["per_cpu"] = report["answered"] / max(spent, 1 / TICK)
    report["cpu_us"] = spent * 1e6 / max(1, report["answered"])
    return report


def alternate(servers, rounds, measure):
    """Each server in turn, round after round; the medians of what `measure` gives for each."""
    seen = {name: [] for name in servers}
    for number in range(rounds):
        names = list(servers)
        for name in names if number % 2 == 0 else reversed(names):
            seen[name].append(measure(name, servers[name]))
    return {
        name: {key: statistics.median(report[key] for report in reports) for key in reports[0]}
        for name, reports in seen.items()
    }


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


COMPARISONS = {
    "udp": udp, "udp-lanes": udp_lanes, "latency": udp_latency, "http": http, "keep-alive": keep_alive,
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
