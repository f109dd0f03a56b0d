"""Trackers and servers that only answer, on processors of their own, and the loads that they are put under."""

import json
import os
import socket
import subprocess

from clients import until
from measuring import BIN, TICKS, Program, compile_c, median, need, rounds

SOURCES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "Tracker")
MASK = (1 << 64) - 1


def helpers():
    """The load generators and limit servers, compiled."""
    names = ["udp-load", "http-load", "udp-limit", "http-limit"]
    return {name: compile_c(name, os.path.join(SOURCES, f"{name}.c")) for name in names}


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


class Server(Program):
    """A server on a port of 127.0.0.1, whose processor time can be read; without a port it says which it has."""

    def __init__(self, command, processors, port=None):
        super().__init__(command, before=on(processors))
        self.port = port or self.wait_for("listening")["port"]
        if port:
            until(lambda: is_taken(port), 10, f"{command[0]} has its port")


def is_taken(port):
    """True once somebody has this port of TCP or UDP; asks the system and connects to nobody."""
    for table in ("/proc/net/tcp", "/proc/net/udp"):
        with open(table) as sockets:
            if any(line.split()[1].endswith(f":{port:04X}") for line in list(sockets)[1:]):
                return True
    return False


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def ours(processors, lanes=1, state=None, folder=BIN):
    """Our tracker; with a state, once it has taken that in."""
    command = [os.path.join(folder, "p2p-tracker"), "--port", "0", "--bind", "127.0.0.1", "--json"]
    if lanes > 1:
        command += ["--lanes", str(lanes)]
    if state:
        command += ["--state", state]
    server = Server(command, processors)
    # Answered when it has begun to serve: connections wait in the system's queue until then.
    with socket.create_connection(("127.0.0.1", server.port), timeout=120) as connection:
        connection.sendall(b"GET /stats.json HTTP/1.0\r\n\r\n")
        connection.recv(1)
    return server


def limit_server(program, processors, *options):
    """A server that only answers, and ends by itself after ten minutes."""
    port = free_port()
    return Server([program, "--port", str(port), "--seconds", "600", *options], processors, port)


def mix(value):
    value = value + 0x9E3779B97F4A7C15 & MASK
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9 & MASK
    value = (value ^ value >> 27) * 0x94D049BB133111EB & MASK
    return value ^ value >> 31


def opentracker(processors, torrents, folder):
    """The Debian build serves listed torrents alone: those of the load generators."""
    lines = []
    for torrent in range(torrents):
        first = mix(torrent * 2 + 2)
        lines.append(f"{first:016x}{mix(first):016x}{mix(first + 1 & MASK) & 0xFFFFFFFF:08x}\n")
    with open(os.path.join(folder, "whitelist"), "w") as file:
        file.write("".join(lines))
    os.chmod(folder, 0o755)
    port = free_port()
    command = [need("opentracker"), "-i", "127.0.0.1", "-p", str(port), "-P", str(port)]
    return Server([*command, "-d", folder, "-w", "whitelist"], processors, port)


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
    report["per_cpu"] = report["answered"] / max(spent, 1 / TICKS)
    report["cpu_us"] = spent * 1e6 / max(1, report["answered"])
    return report


def alternate(servers, count, measure):
    """Each server in turn, round after round; the medians of what `measure` gives for each."""
    samples = rounds(count, [(name, lambda name=name: measure(name, servers[name])) for name in servers])
    return {name: {key: median(found, key) for key in found[0]} for name, found in samples.items()}
