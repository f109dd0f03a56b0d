"""Does a cold disk stop the reactor? Asks a seeder for single blocks of a torrent that is in memory, again and again,
while somebody else downloads another one whose file has just been dropped from the page cache."""

import json
import os
import random
import shutil
import socket
import struct
import subprocess
import tempfile
import threading
import time

from measuring import BIN, MEBI, Program, Row, random_file, rounds, median

BLOCK = 16 << 10


def drop_from_cache(path):
    """Writes the file out and lets the system forget its pages."""
    with open(path, "rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def read_exactly(connection, count):
    parts = []
    while count > 0:
        part = connection.recv(count)
        if not part:
            raise RuntimeError("the seeder closed the connection")
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


class Prober(threading.Thread):
    """A peer that asks for one block at a time and notes how long each takes, in milliseconds."""

    def __init__(self, port, infohash, pieces):
        super().__init__(daemon=True)
        self.pieces = pieces
        self.latencies = []
        self.is_done = False
        self.connection = socket.create_connection(("127.0.0.1", port), 10)
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.connection.sendall(
            b"\x13BitTorrent protocol" + bytes(8) + bytes.fromhex(infohash) + b"-XX0001-" + os.urandom(12))
        read_exactly(self.connection, 68)
        self.connection.sendall(struct.pack(">IB", 1, 2))
        self.await_message(1)

    def await_message(self, wanted):
        while True:
            length = struct.unpack(">I", read_exactly(self.connection, 4))[0]
            body = read_exactly(self.connection, length) if length else b"\xff"
            if body[0] == wanted:
                return body

    def run(self):
        chance = random.Random(7)
        while not self.is_done:
            piece = chance.randrange(self.pieces)
            began = time.monotonic()
            self.connection.sendall(struct.pack(">IBIII", 13, 6, piece, 0, BLOCK))
            self.await_message(7)
            self.latencies.append((time.monotonic() - began) * 1000)
            time.sleep(0.001)

    def end(self):
        self.is_done = True
        self.join(20)
        self.connection.close()
        ordered = sorted(self.latencies)
        return {"p50": ordered[len(ordered) // 2], "p99": ordered[len(ordered) * 99 // 100], "worst": ordered[-1]}


def make(path, torrent):
    said = subprocess.run(
        [os.path.join(BIN, "p2p-peer"), "make", path, "-l", "1M", "-o", torrent, "-f", "--json"],
        check=True, capture_output=True, text=True).stdout
    return json.loads(said.splitlines()[-1])["infohash"]


def probe(size, disk, memory, is_cold):
    """Latencies of the probes while `big` is downloaded, from the disk or from memory."""
    both = os.path.join(disk, "both")
    peer = os.path.join(BIN, "p2p-peer")
    torrents = [os.path.join(memory, f"{name}.torrent") for name in ("big", "small")]
    target = os.path.join(memory, "target")
    shutil.rmtree(target, ignore_errors=True)
    os.mkdir(target)
    infohash = make(os.path.join(both, "small"), torrents[1])
    seeder = Program([peer, "seed", *torrents, "--dir", both, "--listen", "127.0.0.1:7001", "--json"],
                     P2P_STATE_DIR=os.path.join(memory, "state"))
    leecher = None
    try:
        for _ in torrents:
            seeder.wait_for("seeding")
        if is_cold:
            drop_from_cache(os.path.join(both, "big"))
        prober = Prober(7001, infohash, 16)
        prober.start()
        leecher = Program([peer, "leech", torrents[0], "--dir", target, "--listen", "127.0.0.1:7002", "--peer",
                           "127.0.0.1:7001", "--json"], P2P_STATE_DIR=os.path.join(memory, "state-l"))
        seconds = leecher.wait_for("complete")["seconds"]
        return {**prober.end(), "rate": size / MEBI / max(seconds, 0.001)}
    finally:
        if leecher:
            leecher.end()
        seeder.end()
        shutil.rmtree(os.path.join(memory, "state-l"), ignore_errors=True)


def cold(short=False):
    """How long a block in memory takes while another file comes from the disk, and while that is in memory too."""
    size = (64 if short else 1024) * MEBI
    disk = tempfile.mkdtemp(prefix="p2p-benchmark-", dir=os.environ.get("P2P_DISK", "/var/tmp"))
    memory = tempfile.mkdtemp(prefix="p2p-benchmark-", dir="/dev/shm")
    try:
        both = os.path.join(disk, "both")
        os.mkdir(both)
        random_file(os.path.join(both, "big"), size)
        random_file(os.path.join(both, "small"), 16 * MEBI)
        make(os.path.join(both, "big"), os.path.join(memory, "big.torrent"))
        found = rounds(1 if short else 5, [
            ("cold", lambda: probe(size, disk, memory, True)), ("warm", lambda: probe(size, disk, memory, False))])
    finally:
        shutil.rmtree(disk)
        shutil.rmtree(memory)
    rows = [Row("download from a cold file", "MiB/s", median(found["cold"], "rate"), median(found["warm"], "rate"),
                peer_name="when warm")]
    for key in ("p50", "p99", "worst"):
        rows.append(Row(f"a block in memory meanwhile, {key}", "ms", median(found["cold"], key),
                        median(found["warm"], key), peer_name="when warm", less_is_better=True))
    return rows


BENCHMARKS = {"cold": cold}
