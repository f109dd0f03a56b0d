"""Transfers over loopback: ours, libtorrent's and those of a plain pipeline in C, side by side."""

import filecmp
import os
import shutil
import subprocess
import sys
import time

from clients import Aria2, Libtorrent, Ours, Tracker, Transmission, installed, is_listening, until
from measuring import (BIN, GIBI, KERNELS, MEBI, Program, Row, Workplace, compile_c, median, need, random_file, rounds, spread,
                       touch_memory)

HERE = os.path.dirname(os.path.abspath(__file__))

# A virtual machine has given free memory back to its host by then, and must ask for it again page by page.
SECONDS_OF_IDLENESS = 10


class Payload(Workplace):
    """A random file, its torrent, and a fresh folder for each receiver."""

    def __init__(self, size, piece_length):
        self.size = size
        super().__init__()
        self.source = os.path.join(self.base, "source")
        os.mkdir(self.source)
        self.file = os.path.join(self.source, "payload.bin")
        random_file(self.file, size)
        self.torrent = os.path.join(self.base, "payload.torrent")
        self.remake(piece_length)

    def remake(self, piece_length, *options):
        self.make(self.file, piece_length, self.torrent, *options)

    @staticmethod
    def make(file, piece_length, torrent, *options):
        subprocess.run(
            [os.path.join(BIN, "p2p-peer"), "make", file, "-l", str(piece_length), "-o", torrent, "-f", "-q", *options],
            check=True)


def expect_same(source, copy, seconds):
    """Raises unless the copy is the same within this time."""
    end = time.monotonic() + seconds
    while not filecmp.cmp(source, copy, shallow=False):
        if time.monotonic() >= end:
            raise RuntimeError(f"{copy} differs from what was sent")
        time.sleep(0.1)
        filecmp.clear_cache()


def swarm(payload, seeding, leeching, seeders=1, leechers=1, tracker=None, is_idle=False):
    """Seeders of one kind serve leechers of another until all are complete; rate, CPU and memory of both sides. They
    are told of each other, or find each other by the tracker of the torrent. `is_idle`: in memory that was not used for
    a while."""
    if is_idle:
        for name in os.listdir(payload.base):
            if name.startswith("leech-"):
                payload.folder(name)
        time.sleep(SECONDS_OF_IDLENESS)
    else:
        touch_memory(payload.size * (leechers + 1))
    host = tracker.HOST if tracker else "127.0.0.1"
    running, seeds, leeches = [], [], []
    try:
        for number in range(seeders):
            seed = seeding("seed", payload.torrent, payload.source, host, 7001 + number, [],
                           payload.folder(f"state-s{number}"))
            running.append(seed)
            seed.started()
            seed.wait_until_seeding()
            if tracker:
                until(lambda: tracker.seeders() > number, 30, "the tracker knows the seeder")
            seeds.append((seed, seed.cpu()))
            seed.program.forget_peak()
        folders = [payload.folder(f"leech-{number}") for number in range(leechers)]
        for number, folder in enumerate(folders):
            known = [*range(7001, 7001 + seeders), *range(7101, 7101 + number)]
            others = [] if tracker else [f"{host}:{port}" for port in known]
            leech = leeching("leech", payload.torrent, folder, host, 7101 + number, others,
                             payload.folder(f"state-l{number}"))
            running.append(leech)
            leech.started()
            leeches.append(leech)
            if number == 0:
                began = time.monotonic()
        cpu, memory = 0, 0
        for leech in leeches:
            leech.wait_until_complete()
            cpu += leech.cpu()
            memory = max(memory, leech.memory())
        seconds = time.monotonic() - began
        seed_cpu = sum(seed.cpu() - before for seed, before in seeds)
        seed_memory = max(seed.memory() for seed, _ in seeds)
        for folder in folders:
            expect_same(payload.file, os.path.join(folder, "payload.bin"), leeching.seconds_to_settle)
    finally:
        for peer in running:
            peer.end()
    gibis = payload.size / GIBI * leechers
    return {"seconds": seconds, "rate": payload.size / MEBI / seconds, "leech_cpu": cpu / gibis,
            "seed_cpu": seed_cpu / gibis, "leech_memory": memory, "seed_memory": seed_memory}


def pipeline(payload):
    """The same work by the plainest program that could do it: sendfile, recv, many-stream SHA-1, pwrite."""
    kernels = [os.path.join(KERNELS, name) for name in sorted(os.listdir(KERNELS)) if name.endswith(".c")]
    program = compile_c(
        "pipeline", os.path.join(HERE, "Limits", "pipeline.c"), *kernels, include=[os.path.join(KERNELS, "include")])
    touch_memory(payload.size * 2)
    target = os.path.join(payload.folder("leech-0"), "payload.bin")
    run = Program([program, payload.file, target, str(MEBI)])
    try:
        said = run.wait_for("complete")
    finally:
        run.end()
    gibis = payload.size / GIBI
    return {"seconds": said["seconds"], "rate": payload.size / MEBI / said["seconds"],
            "leech_cpu": said["receiver_cpu"] / gibis, "seed_cpu": said["sender_cpu"] / gibis,
            "leech_memory": said["receiver_memory"] / 1024, "seed_memory": said["sender_memory"] / 1024}


def one_to_one(short=False):
    """One seeder, one leecher: rate, CPU and memory of both."""
    installed(Libtorrent)
    payload = Payload((64 if short else 2048) * MEBI, MEBI)
    try:
        samples = rounds(1 if short else 5, [
            ("ours", lambda: swarm(payload, Ours, Ours)),
            ("libtorrent", lambda: swarm(payload, Libtorrent, Libtorrent)),
            ("pipeline", lambda: pipeline(payload)),
            ("ours, idle", lambda: swarm(payload, Ours, Ours, is_idle=True)),
            ("libtorrent, idle", lambda: swarm(payload, Libtorrent, Libtorrent, is_idle=True)),
        ])
    finally:
        payload.remove()
    ours, theirs, plain = samples["ours"], samples["libtorrent"], samples["pipeline"]
    print("  rates:", ", ".join(f"{name} {spread(found, 'rate')} MiB/s" for name, found in samples.items()),
          file=sys.stderr)

    def row(title, unit, key, less=True):
        return Row(f"1 to 1: {title}", unit, median(ours, key), median(theirs, key), median(plain, key), "libtorrent",
                   "C pipeline", less)
    return [
        row("rate", "MiB/s", "rate", less=False),
        Row("1 to 1 in idle memory: rate", "MiB/s", median(samples["ours, idle"], "rate"),
            median(samples["libtorrent, idle"], "rate"), None, "libtorrent"),
        row("leecher's CPU", "s/GiB", "leech_cpu"),
        row("seeder's CPU", "s/GiB", "seed_cpu"), row("leecher resident", "MiB", "leech_memory"),
        row("seeder resident", "MiB", "seed_memory"),
    ]


def piece_lengths(short=False):
    """Memory and rate with pieces from 256 KiB to 16 MiB."""
    rows = []
    payload = Payload((64 if short else 1024) * MEBI, MEBI)
    try:
        for length in (256 << 10, MEBI, 4 * MEBI, 16 * MEBI):
            payload.remake(length)
            found = rounds(1 if short else 3, [("ours", lambda: swarm(payload, Ours, Ours))])["ours"]
            name = f"pieces of {length >> 10} KiB"
            rows += [Row(f"{name}: rate", "MiB/s", median(found, "rate")),
                     Row(f"{name}: leecher resident", "MiB", median(found, "leech_memory")),
                     Row(f"{name}: seeder resident", "MiB", median(found, "seed_memory"))]
    finally:
        payload.remove()
    return rows


def many(short=False):
    """1 to 4, 4 to 1, and ours with libtorrent on the other side."""
    installed(Libtorrent)
    payload = Payload((32 if short else 512) * MEBI, MEBI)
    cases = [
        ("1 to 4", lambda kind: swarm(payload, kind, kind, leechers=4)),
        ("4 to 1", lambda kind: swarm(payload, kind, kind, seeders=4)),
    ]
    rows = []
    try:
        for name, case in cases:
            found = rounds(1 if short else 5, [("ours", lambda: case(Ours)), ("theirs", lambda: case(Libtorrent))])
            rows.append(Row(f"{name}: all complete", "s", median(found["ours"], "seconds"),
                            median(found["theirs"], "seconds"), None, "libtorrent", "", True))
        found = rounds(1 if short else 5, [
            ("to", lambda: swarm(payload, Ours, Libtorrent)), ("from", lambda: swarm(payload, Libtorrent, Ours)),
            ("among", lambda: swarm(payload, Libtorrent, Libtorrent))])
        among = median(found["among"], "rate")
        for title, key in (("ours to libtorrent", "to"), ("libtorrent to ours", "from")):
            rows.append(Row(title, "MiB/s", median(found[key], "rate"), among, None, "libtorrent to itself"))
    finally:
        payload.remove()
    return rows


def over_http(payload):
    """The same file from nginx to curl, which verify nothing: what a plain download takes."""
    touch_memory(payload.size * 2)
    home = payload.folder("nginx")
    with open(os.path.join(home, "nginx.conf"), "w") as file:
        file.write(f"""daemon off; worker_processes 1; pid {home}/pid; error_log stderr; user root;
events {{ worker_connections 64; }}
http {{ access_log off; sendfile on; client_body_temp_path {home}/b; proxy_temp_path {home}/p;
fastcgi_temp_path {home}/f; uwsgi_temp_path {home}/u; scgi_temp_path {home}/s;
server {{ listen 127.0.0.1:7080; root {payload.source}; }} }}
""")
    server = subprocess.Popen([need("nginx"), "-p", home, "-c", f"{home}/nginx.conf"], stderr=subprocess.DEVNULL)
    try:
        until(lambda: is_listening(7080), 10, "nginx listens")
        target = os.path.join(payload.folder("leech-0"), "payload.bin")
        began = time.monotonic()
        subprocess.run([need("curl"), "-sf", "-o", target, "http://127.0.0.1:7080/payload.bin"], check=True)
        seconds = time.monotonic() - began
        expect_same(payload.file, target, 0)
    finally:
        server.terminate()
        server.wait()
    return {"rate": payload.size / MEBI / seconds}


def others(short=False):
    """1 to 1 by a tracker, ours and aria2 and Transmission, each with itself; nginx to curl as the limit."""
    kinds = [Ours] + installed(Aria2, Transmission)
    payload = Payload((32 if short else 256) * MEBI, MEBI)
    try:
        payload.remake(MEBI, "-a", Tracker.URL)
        with Tracker() as tracker:
            cases = [(kind.name, lambda kind=kind: swarm(payload, kind, kind, tracker=tracker)) for kind in kinds]
            if shutil.which("nginx") and shutil.which("curl"):
                cases.append(("nginx", lambda: over_http(payload)))
            found = rounds(1 if short else 5, cases)
    finally:
        payload.remove()
    rows = []
    limit = median(found.get("nginx", []), "rate")
    for kind in kinds[1:]:
        for title, unit, key in (("rate", "MiB/s", "rate"), ("leecher's CPU", "s/GiB", "leech_cpu"),
                                 ("seeder's CPU", "s/GiB", "seed_cpu"), ("leecher resident", "MiB", "leech_memory")):
            rows.append(Row(f"1 to 1 by a tracker: {title}", unit, median(found["ours"], key),
                            median(found[kind.name], key), limit if key == "rate" else None, kind.name, "nginx to curl",
                            less_is_better=key != "rate"))
    return rows


BENCHMARKS = {"transfer": one_to_one, "piece-lengths": piece_lengths, "swarms": many, "others": others}
