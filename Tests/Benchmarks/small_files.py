"""Many small files onto a disk: ours and libtorrent as leechers of the same seeder of ours."""

import os
import random
import shutil
import subprocess
import tempfile
import time

from clients import Libtorrent, Ours, installed
from measuring import BIN, ROOT, Row, median, rounds

# Where a folder was deleted a moment ago, ext4 passes over its inodes one by one: each round has a folder of its own.
FILES = 20_000
SEEDER = "127.0.0.1:7001"


def fill(folder, count):
    """Shelves of boxes of files of 200 to 8,000 bytes."""
    chance = random.Random(4)
    for number in range(count):
        box = os.path.join(folder, f"shelf {number % 20:02}", f"box {number // 20 % 25:02}")
        os.makedirs(box, exist_ok=True)
        with open(os.path.join(box, f"item {number:05}.dat"), "wb") as file:
            file.write(chance.randbytes(chance.randrange(200, 8_000)))


def fetch(base, torrent, leeching, port):
    """Seconds from the start of the leecher until it is complete, and what it took of the processors."""
    target, state = tempfile.mkdtemp(prefix="leech-", dir=base), tempfile.mkdtemp(prefix="state-", dir=base)
    os.sync()
    leech = leeching("leech", torrent, target, "127.0.0.1", port, [SEEDER], state)
    try:
        leech.started()
        began = time.monotonic()
        leech.wait_until_complete()
        seconds, cpu = time.monotonic() - began, leech.cpu()
    finally:
        leech.end()
    subprocess.run(["diff", "-rq", os.path.join(base, "source"), target], check=True)
    return {"seconds": seconds, "cpu": cpu}


def small_files(short=False):
    """20,000 small files to a disk, complete and, with ours, kept."""
    installed(Libtorrent)
    build = os.path.join(ROOT, ".build")
    os.makedirs(build, exist_ok=True)
    base = tempfile.mkdtemp(prefix="small-files-", dir=build)
    seed = None
    try:
        source, torrent = os.path.join(base, "source"), os.path.join(base, "album.torrent")
        fill(os.path.join(source, "album"), 500 if short else FILES)
        subprocess.run([os.path.join(BIN, "p2p-peer"), "make", os.path.join(source, "album"), "-o", torrent, "-q"],
                       check=True)
        ports = iter(range(7201, 7299))

        seed = Ours("seed", torrent, source, "127.0.0.1", 7001, [], os.path.join(base, "state"))
        seed.wait_until_seeding()
        found = rounds(1 if short else 5, [
            ("ours", lambda: fetch(base, torrent, Ours, next(ports))),
            ("theirs", lambda: fetch(base, torrent, Libtorrent, next(ports)))])
    finally:
        if seed:
            seed.end()
        shutil.rmtree(base)
    return [
        Row(f"small files: {text}", "s", median(found["ours"], key), median(found["theirs"], key), None, "libtorrent", "",
            True)
        for text, key in (("complete", "seconds"), ("leecher's CPU", "cpu"))
    ]


BENCHMARKS = {"small-files": small_files}
