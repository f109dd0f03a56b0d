"""What a seeder costs that nobody asks for anything."""

import os
import time

from clients import Aria2, Libtorrent, Ours, Transmission, installed
from measuring import MEBI, Row, median, rounds
from transfer import Payload


def wake_ups(pid):
    """How often its threads went to sleep so far."""
    total = 0
    for thread in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{thread}/status") as status:
            total += sum(int(line.split()[1]) for line in status if line.startswith("voluntary_ctxt_switches"))
    return total


def resident(pid):
    """MiB that are in memory now."""
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmRSS"))


def rest(payload, kind, seconds):
    """Memory and wake-ups once it has come to rest."""
    seed = kind("seed", payload.torrent, payload.source, "127.0.0.1", 7001, [], payload.folder("state"))
    try:
        seed.started()
        seed.wait_until_seeding()
        time.sleep(seconds / 2)
        pid = seed.program.process.pid
        before = wake_ups(pid)
        time.sleep(seconds)
        return {"memory": resident(pid), "wake_ups": wake_ups(pid) - before}
    finally:
        seed.end()


def idle(short=False):
    """An idle seeder with one torrent: memory, and how often it wakes in ten seconds."""
    kinds = [Ours] + installed(Libtorrent, Aria2, Transmission)
    payload = Payload((32 if short else 512) * MEBI, MEBI)
    seconds = 1 if short else 10
    try:
        found = rounds(1 if short else 5, [
            (kind.name, lambda kind=kind: rest(payload, kind, seconds)) for kind in kinds])
    finally:
        payload.remove()
    rows = []
    for title, unit, key in (("resident", "MiB", "memory"), (f"wake-ups in {seconds} s", "", "wake_ups")):
        rows += [Row(f"idle seeder: {title}", unit, median(found["ours"], key), median(found[kind.name], key),
                     peer_name=kind.name, less_is_better=True) for kind in kinds[1:]]
    return rows


BENCHMARKS = {"idle": idle}
