"""Swarms beside strangers that mean no good: how long honest peers take with and without them, and what memory."""

import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time

from clients import Ours, is_listening, until
from measuring import BIN, MEBI, Program, Row, median, random_file, rounds

HERE = os.path.dirname(os.path.abspath(__file__))
SEED, LEECH = 7100, 7101
PIECE = 256 << 10
# The line of the honest seeder, bytes a second.
RATE = 20_000_000
LONGEST = 60

# What strangers do to a seeder, and to a leecher; how many connections.
AT_SEEDER = {
    "half_open": 128, "holds_turn": 4, "idle": 90, "drips": 4, "drips_more": 4, "cancels": 3, "asks_choked": 3,
    "claims_ports": 20, "names_nobody": 10, "churns": 6, "floods_haves": 3, "floods_interest": 3, "keeps_alive": 3,
    "babbles": 3,
}
AT_LEECHER = {
    "half_open": 128, "holds_block": 3, "drips_block": 3, "flaps": 3, "claims_ports": 20, "names_nobody": 10,
    "sends_unasked": 5, "lies": 5,
}


class Strangers:
    """A crowd of one kind, for at most so many seconds."""

    def __init__(self, kind, count, port, torrent, seconds):
        shown = json.loads(subprocess.run(
            [os.path.join(BIN, "p2p-peer"), "show", torrent, "--json"], check=True, stdout=subprocess.PIPE).stdout)
        command = [sys.executable, os.path.join(HERE, "strangers.py"), kind, f"127.0.0.1:{port}", shown["infohash"],
                   str(shown["pieces"]), str(shown["piece_length"]), str(seconds), str(count)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)

    def end(self):
        self.process.kill()
        self.process.wait()


class Peer(Program):
    def __init__(self, role, torrent, folder, port, state, *rest):
        super().__init__(
            [os.path.join(BIN, "p2p-peer"), role, torrent, "--dir", folder, "--listen", f"127.0.0.1:{port}", "--json",
             *rest], P2P_STATE_DIR=state)


def transfer(torrent, source, leechers, attack=None):
    """Seconds until the last honest leecher is complete, and the most memory of the one that is attacked.

    `attack`: who is attacked, by which kind, by how many.
    """
    running = []
    with tempfile.TemporaryDirectory(dir="/dev/shm", prefix="p2p-benchmark-") as folder:
        def place(name):
            path = os.path.join(folder, name)
            os.mkdir(path)
            return path

        strangers = None
        try:
            running.append(Peer("seed", torrent, source, SEED, place("state"), "--upload-limit", str(RATE)))
            running[0].wait_for("seeding")
            at = SEED
            if attack:
                at = SEED if attack[0] == "seeder" else LEECH
                if at == SEED:
                    strangers = Strangers(attack[1], attack[2], at, torrent, LONGEST + 10)
                    time.sleep(2)
            began = time.monotonic()
            for number in range(leechers):
                running.append(Peer(
                    "leech", torrent, place(f"peer{number}"), LEECH + number, place(f"state{number}"), "--peer",
                    f"127.0.0.1:{SEED}", *[word for other in range(number)
                                           for word in ("--peer", f"127.0.0.1:{LEECH + other}")]))
            if attack and at == LEECH:
                until(lambda: is_listening(LEECH), 5, "a leecher")
                strangers = Strangers(attack[1], attack[2], at, torrent, LONGEST + 10)
            is_complete = True
            for peer in running[1:]:
                is_complete = wait(peer, began + LONGEST) and is_complete
            return {
                "seconds": time.monotonic() - began if is_complete else LONGEST,
                "memory": running[0 if at == SEED else 1].memory()}
        finally:
            if strangers:
                strangers.end()
            for peer in running:
                peer.end()


def wait(peer, deadline):
    """False if it is not complete by then."""
    buffered = b""
    descriptor = peer.process.stdout.fileno()
    while time.monotonic() < deadline:
        ready, _, _ = select.select([descriptor], [], [], max(0, deadline - time.monotonic()))
        if not ready:
            return False
        data = os.read(descriptor, 1 << 16)
        if not data:
            return False
        buffered += data
        *lines, buffered = buffered.split(b"\n")
        if any(json.loads(line).get("event") == "complete" for line in lines if line):
            return True
    return False


def hostile(short=False):
    """A seeder with eight leechers, and a leecher with one seeder, beside strangers of each kind."""
    source = tempfile.mkdtemp(dir="/dev/shm", prefix="p2p-benchmark-")
    torrent = os.path.join(source, "payload.torrent")
    wanted = os.environ.get("P2P_HOSTILE", "").split()
    try:
        random_file(os.path.join(source, "payload"), (8 if short else 64) * MEBI)
        subprocess.run([os.path.join(BIN, "p2p-peer"), "make", os.path.join(source, "payload"), "-l", str(PIECE), "-o",
                        torrent, "-q"], check=True)
        rows = []
        for who, kinds, leechers in (("seeder", AT_SEEDER, 2 if short else 8), ("leecher", AT_LEECHER, 1)):
            chosen = {kind: count for kind, count in kinds.items() if not wanted or kind in wanted}
            if short:
                chosen = dict(list(chosen.items())[:2])
            cases = [("clean", lambda leechers=leechers: transfer(torrent, source, leechers))]
            cases += [(kind, lambda who=who, kind=kind, count=count, leechers=leechers: transfer(
                torrent, source, leechers, (who, kind, count))) for kind, count in chosen.items()]
            samples = rounds(1 if short else int(os.environ.get("P2P_ROUNDS", 5)), cases)
            for kind in chosen:
                for key, unit in (("seconds", "s"), ("memory", "MiB")):
                    rows.append(Row(f"{who} with {chosen[kind]} that {kind}: {key}", unit, median(samples[kind], key),
                                    median(samples["clean"], key), peer_name="clean", less_is_better=True))
        return rows
    finally:
        shutil.rmtree(source)


BENCHMARKS = {"hostile": hostile}
