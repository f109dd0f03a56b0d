"""Torrents that begin as a magnet link: how long until the metadata is there, and until the first byte of payload."""

import hashlib
import os
import shutil
import socket
import struct
import threading
import time

from clients import Libtorrent, Ours, installed
from measuring import MEBI, Row, Workplace, median, random_file, rounds
from transfer import Payload

PIECE = 16 << 10
SEEDERS = 3
HANDSHAKE = 68
PIECE_MESSAGE = 7


def bencode(value):
    if isinstance(value, int):
        return b"i%de" % value
    if isinstance(value, bytes):
        return b"%d:%s" % (len(value), value)
    return b"d" + b"".join(bencode(key) + bencode(value[key]) for key in sorted(value)) + b"e"


class ManyPieces(Workplace):
    """A file without a byte of its own, in so many pieces that 20 bytes for each make a long info dictionary."""

    def __init__(self, pieces):
        super().__init__()
        self.source = self.folder("source")
        with open(os.path.join(self.source, "holes.bin"), "wb") as file:
            file.truncate(pieces * PIECE)
        digest = hashlib.sha1(bytes(PIECE)).digest()
        info = bencode({b"length": pieces * PIECE, b"name": b"holes.bin", b"piece length": PIECE,
                        b"pieces": digest * pieces})
        self.info_hash, self.size = hashlib.sha1(info).hexdigest(), len(info)
        self.torrent = os.path.join(self.base, "holes.torrent")
        with open(self.torrent, "wb") as file:
            file.write(b"d4:info" + info + b"e")


def link(info_hash, ports):
    return f"magnet:?xt=urn:btih:{info_hash}" + "".join(f"&x.pe=127.0.0.1:{port}" for port in ports)


class OurLink(Ours):
    """Ours with a link in place of a torrent. A program's own start is not what is compared, with either."""

    def started(self):
        self.program.wait_for("listening")

    def wait_for_metadata(self):
        """Seconds from the first connection on."""
        self.program.wait_for("peer", state="connected")
        began = time.monotonic()
        self.program.wait_for("metadata_complete")
        return time.monotonic() - began


class LibtorrentLink(Libtorrent):
    def wait_for_metadata(self):
        self.program.wait_for("alert", what="metadata_received")


class LibtorrentSeed(Libtorrent):
    """Believes that everything is there."""

    options = ["--unchecked"]


def seeders(kind, payload, count):
    """Programs at work that have all of it."""
    running = []
    try:
        for number in range(count):
            state = os.path.join(payload.base, f"state-{number}")
            if number and kind is Ours:
                # Nobody need hash the same file again.
                shutil.copytree(os.path.join(payload.base, "state-0"), state)
            running.append(kind("seed", payload.torrent, payload.source, "127.0.0.1", 7001 + number, [], state))
            running[-1].started()
            running[-1].wait_until_seeding()
    except BaseException:
        end(running)
        raise
    return running


def end(running):
    for peer in running:
        peer.end()


def fetch(kind, payload, address, port):
    """Seconds from when a leecher is up to the metadata."""
    leech = kind("leech", address, payload.folder("leech"), "127.0.0.1", port, [], payload.folder("state-leech"))
    try:
        leech.started()
        began = time.monotonic()
        connected = leech.wait_for_metadata()
        seconds = time.monotonic() - began
        sample = {"seconds": seconds, "cpu": leech.cpu()}
        if connected:
            sample["rate"] = payload.size / MEBI / connected
        return sample
    finally:
        leech.end()


class Relay:
    """Stands between a leecher and a seeder, and notes when the first block of payload goes by."""

    def __init__(self, port):
        self.target = port
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.seen = threading.Event()
        self.moment = None
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
                far = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                return
            for one, other, watches in ((near, far, False), (far, near, True)):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=self.pass_on, args=(one, other, watches), daemon=True).start()

    def pass_on(self, one, other, watches):
        passed, head, wanted = 0, bytearray(), HANDSHAKE
        try:
            while data := one.recv(1 << 16):
                if watches and not self.seen.is_set():
                    head += data
                    # `wanted`: where the next message begins.
                    while len(head) >= wanted + 5 and not self.seen.is_set():
                        length, kind = struct.unpack_from(">IB", head, wanted)
                        if length == 0:
                            wanted += 4
                            continue
                        if kind == PIECE_MESSAGE:
                            self.moment = time.monotonic()
                            self.seen.set()
                        wanted += 4 + length
                other.sendall(data)
        except OSError:
            pass
        for side in (one, other):
            try:
                side.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self):
        self.listener.close()


def first_byte(kind, payload, seeder_port, port):
    """Milliseconds from when a leecher is up to the first block of payload that is sent to it."""
    relay = Relay(seeder_port)
    try:
        leech = kind("leech", link(payload.info_hash, [relay.port]), payload.folder("leech"), "127.0.0.1", port, [],
                     payload.folder("state-leech"))
        try:
            leech.started()
            began = time.monotonic()
            if not relay.seen.wait(60):
                raise RuntimeError(f"{kind.name} got no payload")
            return {"ms": (relay.moment - began) * 1_000}
        finally:
            leech.end()
    finally:
        relay.close()


def compare(count, cases):
    """Each of both kinds against each kind of seeder, by the seeder's name."""
    found = {}
    for seeder, case in cases:
        samples = rounds(count, [("ours", lambda: case(OurLink)), ("theirs", lambda: case(LibtorrentLink))])
        found[seeder] = samples["ours"], samples["theirs"]
    return found


def metadata(short=False):
    """Magnet links: 10 MB of metadata from three peers, and the first byte of a small torrent, ours and libtorrent."""
    installed(Libtorrent)
    ports, count, rows = iter(range(7201, 7999)), 1 if short else 7, []
    long = ManyPieces(20_000 if short else 500_000)
    try:
        for kind, seed in (("ours", Ours), ("libtorrent", LibtorrentSeed)):
            running = seeders(seed, long, SEEDERS)
            try:
                address = link(long.info_hash, range(7001, 7001 + SEEDERS))
                ours, theirs = compare(count, [(kind, lambda leech: fetch(leech, long, address, next(ports)))])[kind]
            finally:
                end(running)
            title = f"metadata of {long.size / 1e6:.3g} MB, {SEEDERS} seeders of {kind}"
            rows += [
                Row(f"{title}: link to metadata", "s", median(ours, "seconds"), median(theirs, "seconds"), None,
                    "libtorrent", "", True),
                Row(f"{title}: from the first connection", "MiB/s", median(ours, "rate")),
                Row(f"{title}: leecher's CPU", "s", median(ours, "cpu"), median(theirs, "cpu"), None, "libtorrent", "",
                    True)]
    finally:
        long.remove()
    small = Payload((4 if short else 32) * MEBI, 256 << 10)
    try:
        small.info_hash = info_hash(small.torrent)
        for kind, seed in (("ours", Ours), ("libtorrent", Libtorrent)):
            running = seeders(seed, small, 1)
            try:
                ours, theirs = compare(
                    1 if short else 11, [(kind, lambda leech: first_byte(leech, small, 7001, next(ports)))])[kind]
            finally:
                end(running)
            rows.append(Row(f"magnet link to the first byte, seeder of {kind}", "ms", median(ours, "ms"),
                            median(theirs, "ms"), None, "libtorrent", "", True))
    finally:
        small.remove()
    return rows


def info_hash(torrent):
    """Of a torrent that we made: the info dictionary is the last entry."""
    with open(torrent, "rb") as file:
        data = file.read()
    return hashlib.sha1(data[data.index(b"4:infod") + 6:-1]).hexdigest()


BENCHMARKS = {"metadata": metadata}
