"""Trackers and servers that only answer, on processors of their own, and the loads that they are put under."""

import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BUILD = ROOT / ".build" / "benchmarks"
HELPERS = ["udp-load", "http-load", "udp-limit", "http-limit"]
TICK = os.sysconf("SC_CLK_TCK")
MASK = (1 << 64) - 1


def build(product):
    """The release executable of a product."""
    if "P2P_BIN" in os.environ:
        return Path(os.environ["P2P_BIN"]) / product
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


def ours(processors, lanes=1, state=None):
    """Our tracker; with a state, once it has taken that in."""
    port = free_port()
    command = [build("p2p-tracker"), "--port", str(port), "--bind", "127.0.0.1", "--quiet"]
    if lanes > 1:
        command += ["--lanes", str(lanes)]
    if state is None:
        return Server(command, port, processors)
    server = Server([*command, "--state", str(state)], port, processors)
    # Answered when it has begun to serve: connections wait in the system's queue until then.
    with socket.create_connection(("127.0.0.1", port), timeout=120) as connection:
        connection.sendall(b"GET /stats.json HTTP/1.0\r\n\r\n")
        connection.recv(1)
    return server


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
