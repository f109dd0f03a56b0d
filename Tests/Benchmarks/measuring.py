"""What every benchmark needs: programs with their CPU time and memory, rounds in alternating order, tables."""

import html
import json
import math
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BIN = os.environ.get("P2P_BIN", os.path.join(ROOT, ".build", "release"))
PYTHON = os.environ.get("P2P_PYTHON", sys.executable)
KERNELS = os.path.join(ROOT, "Sources", "CHashKernels")
TICKS = os.sysconf("SC_CLK_TCK")
MEBI = 1 << 20
GIBI = 1 << 30
# Peers of one benchmark find each other by its own means, and nobody else.
os.environ["P2P_NO_LSD"] = "yes"


INSIDE = "P2P_BENCHMARK_NAMESPACE"

# Nobody is looked for but those of the benchmark.
os.environ["P2P_NO_DHT"] = "yes"


def enter_namespace():
    """Starts again where there is nothing but loopback."""
    if os.environ.get(INSIDE):
        return
    flags = ["--net"] if os.geteuid() == 0 else ["--net", "--map-root-user"]
    if subprocess.run(["unshare", *flags, "true"], capture_output=True).returncode != 0:
        sys.exit("benchmarks: this user may not create network namespaces")
    os.environ[INSIDE] = "1"
    inside = 'ip link set lo up && ip address add 10.77.0.1/32 dev lo && exec "$@"'
    os.execvp("unshare", ["unshare", *flags, "sh", "-c", inside, "sh", sys.executable, *sys.argv])


class Unavailable(Exception):
    """What a benchmark compares with is not installed."""


class Impossible(Unavailable):
    """This machine cannot do what is to be measured; installing something would not help."""


class Row:
    """One line of the table: ours, the best peer, the limit of the machine."""

    def __init__(self, name, unit, ours, peer=None, limit=None, peer_name="", limit_name="", less_is_better=False):
        self.name, self.unit = name, unit
        self.ours, self.peer, self.limit = ours, peer, limit
        self.peer_name, self.limit_name = peer_name, limit_name
        self.less_is_better = less_is_better

    def ratio(self, other):
        """How many times better ours is than the other, above 1 where ours is ahead."""
        if not self.ours or not other:
            return None
        return other / self.ours if self.less_is_better else self.ours / other


def number(value):
    if value is None:
        return "-"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) < 10 else f"{value:.1f}"


def table(rows):
    """The rows as a table of Markdown."""
    lines = ["| | unit | ours | peer | ours is better by | limit | of the limit |", "|---|---|---|---|---|---|---|"]
    for row in rows:
        by_peer, of_limit = row.ratio(row.peer), row.ratio(row.limit)
        lines.append("| {} | {} | {} | {} | {} | {} | {} |".format(
            row.name, row.unit, number(row.ours),
            f"{number(row.peer)} {row.peer_name}".strip(), f"{by_peer:.2f} x" if by_peer else "-",
            f"{number(row.limit)} {row.limit_name}".strip(), f"{of_limit:.2f}" if of_limit else "-"))
    return "\n".join(lines)


def need(program):
    """The path of an installed program, or the reason why this comparison is left out."""
    path = shutil.which(program)
    if not path:
        raise Unavailable(f"{program} is not installed")
    return path


def compile_c(name, *sources, include=()):
    """A small C program of these benchmarks, built once and again when a source is newer."""
    folder = os.path.join(ROOT, ".build", "benchmarks")
    os.makedirs(folder, exist_ok=True)
    out = os.path.join(folder, name)
    if not os.path.exists(out) or any(os.path.getmtime(source) > os.path.getmtime(out) for source in sources):
        compiler = shutil.which("clang") or need("cc")
        flags = [f"-I{folder}" for folder in include]
        subprocess.run([compiler, "-O3", "-pthread", "-o", out, *flags, *sources, "-lm"], check=True)
    return out


class Workplace:
    """A folder in memory, with others in it."""

    def __init__(self):
        self.base = tempfile.mkdtemp(prefix="p2p-benchmark-", dir="/dev/shm")

    def folder(self, name):
        """An empty one."""
        path = os.path.join(self.base, name)
        shutil.rmtree(path, ignore_errors=True)
        os.mkdir(path)
        return path

    def remove(self):
        shutil.rmtree(self.base)


class Program:
    """A program under measurement; reads one JSON object a line from its standard output."""

    def __init__(self, arguments, before=None, **environment):
        """`before` is called in the new process before it becomes the program."""
        self.log = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            arguments, stdout=subprocess.PIPE, stderr=self.log, stdin=subprocess.DEVNULL, text=True,
            preexec_fn=before, env={**os.environ, **environment})
        self.began = time.monotonic()
        self.arguments = arguments

    def wait_for(self, event, **fields):
        """The first object whose `event` is this one, and whose fields are these."""
        for line in self.process.stdout:
            found = json.loads(line)
            if found.get("event") == event and all(found.get(key) == value for key, value in fields.items()):
                return found
        self.log.seek(0)
        raise RuntimeError(f"{self.arguments} ended before it said {event}: {self.log.read()[-500:]}")

    def cpu(self):
        """User and system seconds so far."""
        with open(f"/proc/{self.process.pid}/stat") as stat:
            fields = stat.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory(self):
        """The most that was resident, in MiB."""
        return self.status("VmHWM") / 1024

    def resident(self):
        """What is resident now, in MiB."""
        return self.status("VmRSS") / 1024

    def status(self, field):
        """A number that the system keeps of the process; memory is in KiB."""
        with open(f"/proc/{self.process.pid}/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith(f"{field}:"))

    def forget_peak(self):
        """Lets `memory` count from now on."""
        with open(f"/proc/{self.process.pid}/clear_refs", "w") as refs:
            refs.write("5")

    def end(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.log.close()


def rounds(count, cases):
    """Runs all cases `count` times, every other round in reverse; the samples of each, by its name."""
    samples = {name: [] for name, _ in cases}
    for turn in range(count):
        for name, case in cases if turn % 2 == 0 else reversed(cases):
            sample = case()
            samples[name].append(sample)
            print(f"  {turn + 1}/{count} {name}: "
                  + ", ".join(f"{key} {number(value)}" for key, value in sample.items()), file=sys.stderr, flush=True)
    return samples


def median(samples, key):
    values = [sample[key] for sample in samples if sample.get(key) is not None]
    return statistics.median(values) if values else None


def spread(samples, key):
    values = [sample[key] for sample in samples]
    return f"{number(min(values))} to {number(max(values))}"


def random_file(path, size):
    """A file of unguessable bytes, the same length whatever the machine."""
    with open(path, "wb") as file:
        while size > 0:
            size -= file.write(os.urandom(min(size, 16 * MEBI)))


def touch_memory(size):
    """Makes the system hand out pages that it has used a moment ago, the same state for everybody."""
    path = "/dev/shm/p2p-benchmark-touch"
    with open(path, "wb") as file:
        for _ in range(size // (16 * MEBI)):
            file.write(bytes(16 * MEBI))
    os.unlink(path)


def plot(rows):
    """The ratios to the peers and to the limits as bars on a logarithmic scale, in SVG."""
    bars = [(row.name, value, kind) for row in rows
            for kind, value in (("peer", row.ratio(row.peer)), ("limit", row.ratio(row.limit))) if value]
    step, left, width = 18, 330, 560
    height = 50 + step * len(bars)

    def place(value):
        """0.1 to 100 over the width."""
        return left + width * (math.log10(min(max(value, 0.1), 100)) + 1) / 3

    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {left + width + 70} {height}" '
             'font-family="system-ui, sans-serif" font-size="11">',
             f'<rect width="{left + width + 70}" height="{height}" fill="#fff"/>']
    for mark in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100):
        at = place(mark)
        parts.append(f'<line x1="{at:.0f}" x2="{at:.0f}" y1="22" y2="{height - 8}" '
                     f'stroke="{"#555" if mark == 1 else "#ddd"}"/>'
                     f'<text x="{at:.0f}" y="16" text-anchor="middle" fill="#555">{mark:g}x</text>')
    for position, (name, value, kind) in enumerate(bars):
        y = 30 + step * position
        start, end = sorted((place(1), place(value)))
        colour = "#0f8a7d" if kind == "peer" else "#8aa0b8"
        parts.append(f'<text x="{left - 8}" y="{y + 10}" text-anchor="end">{html.escape(name)}, {kind}</text>'
                     f'<rect x="{start:.0f}" y="{y}" width="{max(1, end - start):.0f}" height="12" fill="{colour}"/>'
                     f'<text x="{end + 4:.0f}" y="{y + 10}" fill="#333">{value:.2f}</text>')
    return "\n".join(parts) + "\n</svg>\n"
