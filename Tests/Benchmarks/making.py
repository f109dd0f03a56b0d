#!/usr/bin/env python3
"""Goals 1 and 4: make and verify beside mktorrent and libtorrent, opening large torrents, start-up, single parts."""

import os
import select
import shutil
import subprocess
import sys
import tempfile
import time

from measuring import BIN, GIBI, MEBI, PYTHON, Row, Unavailable, median, need, random_file, rounds

PEER = os.path.join(BIN, "p2p-peer")
LIBTORRENT = """
import sys, warnings
warnings.simplefilter("ignore")
import libtorrent as lt
path = sys.argv[1]
files = lt.file_storage()
lt.add_files(files, path)
torrent = lt.create_torrent(files, 1 << 20, lt.create_torrent.v1_only)
lt.set_piece_hashes(torrent, path.rsplit("/", 1)[0])
lt.bencode(torrent.generate())
"""


# Without the SHA instructions (bit 29 of EBX of CPUID's leaf 7), for what hashes through libcrypto, and for us.
UNAIDED_LIBCRYPTO = {"OPENSSL_ia32cap": ":~0x20000000"}


def unaided_kernel():
    """Our fastest kernel without SHA instructions; none where this processor has no such instructions anyway."""
    with open("/proc/cpuinfo") as file:
        flags = next((line.split() for line in file if line.startswith("flags")), [])
    if "sha_ni" not in flags:
        return None
    return "avx512" if "avx512bw" in flags else "avx2" if "avx2" in flags else "sse2"


def command(*arguments, environment=None):
    """Runs a program to its end: wall and CPU seconds, and the most memory that it had resident, in MiB."""
    start = time.monotonic()
    child = subprocess.Popen([str(argument) for argument in arguments], stdout=subprocess.DEVNULL,
                             env={**os.environ, **(environment or {})})
    resident = 0
    waiting = select.poll()
    descriptor = os.pidfd_open(child.pid)
    waiting.register(descriptor, select.POLLIN)
    # What the system says at the end counts our own memory before the exec: ask while it runs.
    while not waiting.poll(10):
        with open(f"/proc/{child.pid}/status") as file:
            lines = [line for line in file if line.startswith("VmHWM")]
        resident = max(resident, *(int(line.split()[1]) for line in lines), 0)
    os.close(descriptor)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise RuntimeError(f"{arguments[0]} ended with {child.returncode}")
    wall = time.monotonic() - start
    return {"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "MiB": resident / 1024 or None}


class Folder:
    """A folder in memory that goes away again."""

    def __enter__(self):
        self.path = tempfile.mkdtemp(prefix="p2p-making-", dir="/dev/shm" if os.path.isdir("/dev/shm") else None)
        return self.path

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)


def small_files(folder, count, size):
    for number in range(count):
        place = os.path.join(folder, f"folder-{number // 400:03}")
        os.makedirs(place, exist_ok=True)
        with open(os.path.join(place, f"file-{number:06}.dat"), "wb") as file:
            file.write(number.to_bytes(8, "big") * (size // 8))


def fresh(path, *arguments, environment=None):
    """A case that writes `path` anew each time."""
    def case():
        if os.path.exists(path):
            os.remove(path)
        return command(*arguments, environment=environment)
    return case


def has_libtorrent():
    if subprocess.run([PYTHON, "-c", "import libtorrent"], capture_output=True).returncode == 0:
        return True
    print("making: no libtorrent in P2P_PYTHON, left out", file=sys.stderr)
    return False


def compared(name, samples, gibibytes, limit):
    """Rows of wall, CPU and memory out of the samples of `ours`, the other programs and the limit."""
    peers = [key for key in samples if key not in ("ours", limit)]
    result = []
    for key, unit in (("wall", "s"), ("cpu", "CPU s/GiB"), ("MiB", "MiB resident")):
        scale = gibibytes if key == "cpu" else 1
        values = {case: (median(samples[case], key) or 0) / scale for case in samples}
        best = min(peers, key=lambda peer: values[peer] or float("inf")) if peers else None
        result.append(Row(
            f"{name}, {key}", unit, values["ours"], values.get(best), values[limit] if limit and key != "MiB" else None,
            best or "", limit or "", less_is_better=True))
    return result


def makers(folder, source, threads, libtorrent, kernel=None):
    """Whoever makes a torrent of `source`; with `kernel`, all as on a processor without SHA instructions."""
    forced, unaided = ({"P2P_HASH_KERNEL": kernel}, UNAIDED_LIBCRYPTO) if kernel else (None, None)
    ours, theirs = os.path.join(folder, "ours.torrent"), os.path.join(folder, "theirs.torrent")
    cases = [
        ("ours", fresh(ours, PEER, "make", "-q", "-t", threads, "-l", "1M", "-o", ours, source,
                       environment=forced)),
        ("mktorrent", fresh(theirs, "mktorrent", "-t", threads, "-l", 20, "-a", "http://127.0.0.1/", "-o", theirs,
                            source, environment=unaided)),
    ]
    # It hashes with the threads that it likes: its Python interface has no way to say how many.
    if libtorrent:
        cases.append(("libtorrent", lambda: command(PYTHON, "-c", LIBTORRENT, source)))
    return cases


def make(short=False):
    """Makes and verifies torrents of one large file and of 10,000 small ones, with one thread and with two."""
    need("mktorrent")
    need("openssl")
    libtorrent = has_libtorrent()
    kernel = unaided_kernel()
    size, count, turns = (8 * MEBI, 200, 1) if short else (2 * GIBI, 10_000, 5)
    rows = []
    with Folder() as folder:
        large, many = os.path.join(folder, "large.bin"), os.path.join(folder, "many")
        random_file(large, size)
        small_files(many, count, 16 << 10)
        openssl = ("openssl", lambda: command("openssl", "dgst", "-sha1", large))
        for threads in (1, 2):
            cases = makers(folder, large, threads, libtorrent) + ([openssl] if threads == 1 else [])
            samples = rounds(turns, cases)
            limit = "openssl" if threads == 1 else None
            rows += compared(f"make {size // MEBI} MiB, {threads} threads", samples, size / GIBI, limit)
            samples = rounds(turns, makers(folder, many, threads, libtorrent))
            rows += compared(f"make {count} files, {threads} threads", samples, count * (16 << 10) / GIBI, None)
            if kernel:
                samples = rounds(turns, makers(folder, large, threads, False, kernel))
                rows += compared(f"make {size // MEBI} MiB, {threads} threads, no SHA instructions ({kernel})", samples,
                                 size / GIBI, None)
            torrent = os.path.join(folder, "ours.torrent")
            fresh(torrent, PEER, "make", "-q", "-l", "1M", "-o", torrent, large)()
            verify = rounds(turns, [
                ("ours", lambda: command(PEER, "verify", "-q", "-t", threads, "-d", folder, torrent))])
            rows += compared(f"verify {size // MEBI} MiB, {threads} threads", verify, size / GIBI, None)
    return rows


def opening(short=False):
    """CPU of --help, and of opening a torrent of 100,000 files."""
    count, turns = (1_000, 1) if short else (100_000, 5)
    rows = []
    for program in ("p2p-peer", "p2p-tracker"):
        samples = rounds(turns * 2, [("ours", lambda: command(os.path.join(BIN, program), "--help"))])["ours"]
        rows.append(Row(f"{program} --help", "CPU ms", median(samples, "cpu") * 1e3, limit=5, limit_name="goal",
                        less_is_better=True))
    with Folder() as folder:
        many, torrent = os.path.join(folder, "many"), os.path.join(folder, "many.torrent")
        small_files(many, count, 120)
        command(PEER, "make", "-q", "-o", torrent, many)
        samples = rounds(turns, [("ours", lambda: command(PEER, "show", "--json", torrent))])["ours"]
        rows.append(Row(f"show --json, {count} files", "s", median(samples, "wall"), limit=0.3, limit_name="goal",
                        less_is_better=True))
        rows.append(Row(f"show --json, {count} files, resident", "MiB", median(samples, "MiB"), less_is_better=True))
    return rows


def micro(short=False):
    """Single parts, one thread each: bencode, hash kernels, messages, picker, announces."""
    import json
    program = os.path.join(BIN, "micro-benchmark")
    if not os.path.exists(program):
        raise Unavailable("micro-benchmark is not built (swift build -c release)")
    lines = subprocess.run(
        [program, "--json", *(["--short"] if short else [])], check=True, capture_output=True, text=True).stdout
    values = [json.loads(line) for line in lines.splitlines()]
    return [Row(value["name"], value["unit"], value["value"]) for value in values]


BENCHMARKS = {"make": make, "opening": opening, "micro": micro}
