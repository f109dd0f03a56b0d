"""Swarms over slow lines: hosts in namespaces of their own, near each other on a bridge or far away."""

import functools
import itertools
import math
import os
import shutil
import subprocess
import tempfile
import time

from clients import Libtorrent, Ours, until
from measuring import BIN, MEBI, Impossible, Program, Row, compile_c, median, need, random_file, rounds

HERE = os.path.dirname(os.path.abspath(__file__))
PORT = 7000
# What TCP, IP and Ethernet leave of a line for what a peer says.
PAYLOAD_SHARE = 1448 / 1514
# How long a packet may wait for a line before it is dropped.
QUEUE = 100
# Milliseconds from a host to the middle of the net, for one after the other: round trips of 20 to 160 ms.
DELAYS = (5, 10, 20, 40)


def call(command, *inside):
    subprocess.run([*inside, *command.split()], check=True)


class Host:
    """A place with one address."""

    def __init__(self, number):
        self.number = number
        self.address = f"10.78.0.{number + 1}"
        self.holder = subprocess.Popen(["unshare", "--net", "sleep", "infinity"])
        ours = os.readlink("/proc/self/ns/net")
        until(lambda: os.readlink(f"/proc/{self.holder.pid}/ns/net") != ours, 5, "a namespace")
        self.inside = ["nsenter", "--target", str(self.holder.pid), "--net"]
        call("ip link set lo up", *self.inside)

    def connect(self):
        """By its device `line`."""
        call(f"ip address add {self.address}/24 dev line", *self.inside)
        call("ip link set line up", *self.inside)

    def end(self):
        self.holder.kill()
        self.holder.wait()


class NearLines:
    """A bridge, and for each host a line up; down there is no limit."""

    def __init__(self, hosts, megabits):
        self.hosts = hosts
        call("ip link add hosts type bridge")
        call("ip link set hosts up")
        for host in hosts:
            call(f"ip link add host{host.number} type veth peer name line netns {host.holder.pid}")
            call(f"ip link set host{host.number} master hosts up")
            host.connect()
            call(f"tc qdisc add dev line root tbf rate {megabits}mbit burst 16k latency {QUEUE}ms", *host.inside)

    def end(self):
        # Devices outlive their namespace for a while, and the next lines have the same names.
        for host in self.hosts:
            call(f"ip link delete host{host.number}")
        call("ip link delete hosts")


class FarLines(Program):
    """The same, and every packet takes the time that the two hosts are apart."""

    def __init__(self, hosts, megabits, lost=0):
        """`lost`: packets in a million."""
        if not os.access("/dev/net/tun", os.R_OK | os.W_OK):
            raise Impossible("there is no /dev/net/tun")
        program = compile_c("far-lines", os.path.join(HERE, "Limits", "far-lines.c"))
        places = [f"{host.holder.pid}:{host.address}:{delay}"
                  for host, delay in zip(hosts, itertools.cycle(DELAYS))]
        super().__init__([program, str(megabits * 1_000_000), str(QUEUE), str(lost), *places])
        self.wait_for("ready")
        for host in hosts:
            host.connect()


def swarm(kinds, hosts, torrent, source):
    """Seconds until the last of all but the first host is complete; `kinds`: a program for one host after the other."""
    running = []
    with tempfile.TemporaryDirectory(dir="/dev/shm", prefix="p2p-benchmark-") as folder:
        try:
            began = time.monotonic()
            for number, (host, kind) in enumerate(zip(hosts, itertools.cycle(kinds))):
                own, state = (os.path.join(folder, f"{what}{number}") for what in ("peer", "state"))
                os.mkdir(own)
                others = [f"{other.address}:{PORT}" for other in hosts[:number]]
                running.append(kind(
                    "leech" if number else "seed", torrent, own if number else source, host.address, PORT, others,
                    state, host.inside))
                running[-1].started()
                if number == 0:
                    running[0].wait_until_seeding()
            for client in running[1:]:
                client.wait_until_complete()
            return {"seconds": time.monotonic() - began}
        finally:
            for client in running:
                client.end()


class Swarms:
    """Hosts with lines between them, and what they are to fetch."""

    def __init__(self, lines, count, megabits, size, piece):
        need("tc"), need("ip"), need("nsenter")
        self.source = tempfile.mkdtemp(dir="/dev/shm", prefix="p2p-benchmark-")
        self.torrent = os.path.join(self.source, "payload.torrent")
        self.hosts, self.network = [], None
        # What whole pieces can do without delays.
        self.best = size / (megabits * 1e6 / 8 * PAYLOAD_SHARE) * (1 + math.floor(math.log2(count - 1)) * piece / size)
        try:
            for number in range(count):
                self.hosts.append(Host(number))
            self.network = lines(self.hosts, megabits)
            random_file(os.path.join(self.source, "payload"), size)
            subprocess.run(
                [os.path.join(BIN, "p2p-peer"), "make", os.path.join(self.source, "payload"), "-l", str(piece),
                 "-o", self.torrent, "-q"], check=True)
        except BaseException:
            self.end()
            raise

    def run(self, *kinds):
        return swarm(kinds, self.hosts, self.torrent, self.source)

    def end(self):
        if self.network:
            self.network.end()
        for host in self.hosts:
            host.end()
        shutil.rmtree(self.source)


def over(lines, title, count, megabits, size, piece, turns):
    """The last of a swarm, ours and libtorrent in turn, and the best that whole pieces can do without delays."""
    kinds = [kind for kind in (Ours, Libtorrent) if kind.is_installed()]
    swarms = Swarms(lines, count, megabits, size, piece)
    try:
        samples = rounds(turns, [(kind.name, lambda kind=kind: swarms.run(kind)) for kind in kinds])
    finally:
        swarms.end()
    return Row(
        f"1 -> {count - 1} on {title} of {megabits} Mbit/s", "s", median(samples["ours"], "seconds"),
        median(samples.get("libtorrent", []), "seconds"), swarms.best,
        peer_name="libtorrent", limit_name="T*", less_is_better=True)


def near(short=False):
    """One seeder and 15 leechers on lines of 16 Mbit/s, beside the best that whole pieces can do."""
    if short:
        return [over(NearLines, "lines", 4, 100, 2 * MEBI, MEBI // 4, 1)]
    return [over(NearLines, "lines", 16, 16, 32 * MEBI, MEBI, 5)]


def far(short=False):
    """The same with round trips of 20 to 160 ms, and with losses; one leecher with 100 Mbit/s and a round trip of 30 ms."""
    if short:
        return [over(FarLines, "far lines", 4, 100, 2 * MEBI, MEBI // 4, 1)]
    return [over(FarLines, "far lines", 16, 16, 32 * MEBI, MEBI, 5),
            over(functools.partial(FarLines, lost=10_000), "far lines, 1 % lost,", 16, 16, 32 * MEBI, MEBI, 5),
            over(FarLines, "far lines", 2, 100, 128 * MEBI, MEBI, 5)]


BENCHMARKS = {"lines": near, "far-lines": far}
