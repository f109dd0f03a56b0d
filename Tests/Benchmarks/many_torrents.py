"""Many torrents at once in one leecher: what its memory comes to, and how fast it is."""

import os
import time

from clients import Ours
from measuring import MEBI, Row, Workplace, median, random_file, rounds, touch_memory
from transfer import Payload, expect_same

PIECE = 2 * MEBI
SEEDERS = 5


class Payloads(Workplace):
    """Random files with a torrent each, in one folder."""

    def __init__(self, count, size):
        super().__init__()
        self.source = os.path.join(self.base, "source")
        os.mkdir(self.source)
        self.size = size
        self.names = [f"payload-{number:03}.bin" for number in range(count)]
        self.torrents = [os.path.join(self.base, f"{name}.torrent") for name in self.names]
        for name, torrent in zip(self.names, self.torrents):
            random_file(os.path.join(self.source, name), size)
            Payload.make(os.path.join(self.source, name), PIECE, torrent)


def fetch(payloads, kind=Ours):
    """One leecher fetches all torrents from seeders that have all of them; its rate, CPU time and memory."""
    touch_memory(payloads.size * len(payloads.names) * 2)
    running = []
    try:
        for number in range(SEEDERS):
            seed = kind("seed", payloads.torrents, payloads.source, "127.0.0.1", 7001 + number, [],
                        payloads.folder(f"state-s{number}"))
            running.append(seed)
            for _ in payloads.names:
                seed.wait_until_seeding()
        target = payloads.folder("leech")
        began = time.monotonic()
        leech = kind("leech", payloads.torrents, target, "127.0.0.1", 7101,
                     [f"127.0.0.1:{7001 + number}" for number in range(SEEDERS)], payloads.folder("state-l"))
        running.append(leech)
        for _ in payloads.names:
            leech.wait_until_complete()
        seconds = time.monotonic() - began
        sample = {"rate": payloads.size * len(payloads.names) / MEBI / seconds, "cpu": leech.cpu(),
                  "memory": leech.memory()}
        for name in payloads.names:
            expect_same(os.path.join(payloads.source, name), os.path.join(target, name), 0)
    finally:
        for peer in running:
            peer.end()
    return sample


def many_torrents(short=False):
    """40 torrents of 2 MiB pieces at once from 5 seeders each: rate and memory."""
    payloads = Payloads(8 if short else 40, (8 if short else 48) * MEBI)
    try:
        found = rounds(1 if short else 5, [("ours", lambda: fetch(payloads))])["ours"]
    finally:
        payloads.remove()
    name = f"{len(payloads.names)} torrents of 2 MiB pieces"
    return [Row(f"{name}: rate", "MiB/s", median(found, "rate")),
            Row(f"{name}: leecher's CPU", "s", median(found, "cpu")),
            Row(f"{name}: leecher resident", "MiB", median(found, "memory"))]


BENCHMARKS = {"torrents": many_torrents}
