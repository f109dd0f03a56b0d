"""A swarm over slow lines: hosts in namespaces of their own on a bridge, the uplink of each a token bucket."""

import math
import os
import shutil
import subprocess
import tempfile
import time

from clients import Libtorrent, Ours, until
from measuring import BIN, MEBI, Row, median, need, random_file, rounds

PORT = 7000
# What TCP, IP and Ethernet leave of a line for what a peer says.
PAYLOAD_SHARE = 1448 / 1514


class Host:
    """A place with one address and one line: so many megabits a second up, the same to all, and no limit down."""

    def __init__(self, number, megabits):
        self.address = f"10.78.0.{number + 1}"
        self.holder = subprocess.Popen(["unshare", "--net", "sleep", "infinity"])
        ours = os.readlink("/proc/self/ns/net")
        until(lambda: os.readlink(f"/proc/{self.holder.pid}/ns/net") != ours, 5, "a namespace")
        self.inside = ["nsenter", "--target", str(self.holder.pid), "--net"]
        outer, inner = f"host{number}", f"line{number}"
        self.call(f"ip link add {outer} type veth peer name {inner}")
        self.call(f"ip link set {outer} master hosts up")
        self.call(f"ip link set {inner} netns {self.holder.pid}")
        for command in ("ip link set lo up", f"ip address add {self.address}/24 dev {inner}",
                        f"ip link set {inner} up",
                        f"tc qdisc add dev {inner} root tbf rate {megabits}mbit burst 16k latency 100ms"):
            self.call(command, *self.inside)

    @staticmethod
    def call(command, *inside):
        subprocess.run([*inside, *command.split()], check=True)

    def end(self):
        self.holder.kill()
        self.holder.wait()


def swarm(kind, hosts, torrent, source):
    """Seconds until the last of all but the first host is complete."""
    running = []
    with tempfile.TemporaryDirectory(dir="/dev/shm", prefix="p2p-benchmark-") as folder:
        try:
            began = time.monotonic()
            for number, host in enumerate(hosts):
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


def lines(short=False):
    """One seeder and 15 leechers on lines of 16 Mbit/s, beside the best that whole pieces can do."""
    need("tc"), need("ip"), need("nsenter")
    count, megabits, size, piece = (4, 100, 2 * MEBI, MEBI // 4) if short else (16, 16, 32 * MEBI, MEBI)
    kinds = [kind for kind in (Ours, Libtorrent) if kind.is_installed()]
    source = tempfile.mkdtemp(dir="/dev/shm", prefix="p2p-benchmark-")
    torrent = os.path.join(source, "payload.torrent")
    hosts = []
    try:
        Host.call("ip link add hosts type bridge")
        Host.call("ip link set hosts up")
        for number in range(count):
            hosts.append(Host(number, megabits))
        random_file(os.path.join(source, "payload"), size)
        subprocess.run(
            [os.path.join(BIN, "p2p-peer"), "make", os.path.join(source, "payload"), "-l", str(piece),
             "-o", torrent, "-q"], check=True)
        samples = rounds(1 if short else 5, [
            (kind.name, lambda kind=kind: swarm(kind, hosts, torrent, source)) for kind in kinds])
    finally:
        for host in hosts:
            host.end()
        subprocess.run(["ip", "link", "delete", "hosts"], check=False)
        shutil.rmtree(source)
    best = size / (megabits * 1e6 / 8 * PAYLOAD_SHARE) * (1 + math.floor(math.log2(count - 1)) * piece / size)
    return [Row(
        f"1 -> {count - 1} on lines of {megabits} Mbit/s", "s", median(samples["ours"], "seconds"),
        median(samples.get("libtorrent", []), "seconds"), best,
        peer_name="libtorrent", limit_name="T*", less_is_better=True)]


BENCHMARKS = {"lines": lines}
