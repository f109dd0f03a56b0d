"""The programs that transfers are measured with, all driven the same way: start, wait, read CPU time and memory."""

import json
import os
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

from measuring import BIN, PYTHON, ROOT, Program, Unavailable

DRIVER = os.path.join(ROOT, "Tests", "InteropTests", "Drivers", "libtorrent_peer.py")


def named(peers):
    """The options that name peers, the same for ours and for the driver of libtorrent."""
    return [word for peer in peers for word in ("--peer", peer)]


def until(condition, seconds, what, pause=0.005):
    """Waits for it, with a pause between two looks."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= end:
            raise RuntimeError(f"{what}: not within {seconds} s")
        time.sleep(pause)


def holds_data(folder):
    """True once some file there takes room on the disk."""
    return any(entry.is_file() and entry.stat().st_blocks > 0 for entry in os.scandir(folder))


def is_listening(port):
    """True once somebody listens on this TCP port; asks the system and connects to nobody."""
    with open("/proc/net/tcp") as table:
        return any(line.split()[1].endswith(f":{port:04X}") and line.split()[3] == "0A" for line in list(table)[1:])


class Ours:
    name = "ours"
    # Where its program is.
    programs = BIN
    # "Complete" means that every byte is there.
    seconds_to_settle = 0

    def __init__(self, role, torrent, folder, host, port, peers, state, inside=()):
        """`torrent`: one or a list of them. `inside`: the beginning of a command that runs the rest elsewhere."""
        torrents = [torrent] if isinstance(torrent, str) else torrent
        self.program = Program(
            [*inside, os.path.join(self.programs, "p2p-peer"), role, *torrents, "--dir", folder, "--listen", f"{host}:{port}",
             "--json", *named(peers)], P2P_STATE_DIR=state)
        self.cpu_at_start = 0

    @staticmethod
    def is_installed():
        return True

    def started(self):
        """Nothing to leave out: what it takes to start counts."""

    def wait_until_seeding(self):
        self.program.wait_for("seeding")

    def wait_until_complete(self):
        self.program.wait_for("complete")

    def cpu(self):
        return self.program.cpu() - self.cpu_at_start

    def memory(self):
        return self.program.memory()

    def end(self):
        self.program.end()


class Libtorrent(Ours):
    name = "libtorrent"
    # It has finished when the last piece is verified, and writes what is left a little later.
    seconds_to_settle = 5
    # More options of the driver.
    options = []

    def __init__(self, role, torrent, folder, host, port, peers, state, inside=()):
        self.program = Program(
            [*inside, PYTHON, DRIVER, role, torrent, "--dir", folder, "--listen", f"{host}:{port}", "--deadline", "300",
             "--plaintext", *self.options, *named(peers)])
        self.cpu_at_start = 0

    @staticmethod
    def is_installed():
        return subprocess.run([PYTHON, "-c", "import libtorrent"], capture_output=True).returncode == 0

    def started(self):
        # The interpreter's own start is not what is compared.
        self.program.wait_for("started")
        self.cpu_at_start = self.program.cpu()


class ByTracker(Ours):
    """Finds its peers by the tracker of the torrent; when it looks for them is not what is compared."""

    def __init__(self, role, folder):
        self.awaited = folder if role == "leech" else None
        self.cpu_at_start = 0

    def started(self):
        if self.awaited:
            until(lambda: holds_data(self.awaited), 60, f"{self.name} has a first piece")


class Aria2(ByTracker):
    """Does not check a file that it seeds."""

    name = "aria2"
    seconds_to_settle = 0

    def __init__(self, role, torrent, folder, host, port, peers, state):
        super().__init__(role, folder)
        self.port = port
        self.last_cpu, self.last_memory = 0, 0
        options = ["--bt-seed-unverified=true", "--seed-ratio=0.0"] if role == "seed" else ["--seed-time=0"]
        self.program = Program(
            ["aria2c", "--no-conf", f"--dir={folder}", f"--listen-port={port}", f"--interface={host}",
             "--enable-dht=false", "--enable-dht6=false", "--bt-enable-lpd=false", "--enable-peer-exchange=false",
             "--file-allocation=none", "--summary-interval=0", "--quiet=true", "--bt-max-peers=0",
             "--allow-overwrite=true", *options, torrent])

    @staticmethod
    def is_installed():
        return shutil.which("aria2c") is not None

    def wait_until_seeding(self):
        until(lambda: is_listening(self.port), 30, "aria2 listens")

    def wait_until_complete(self):
        # It leaves when it is done.
        _, status, used = os.wait4(self.program.process.pid, 0)
        self.program.process.returncode = os.waitstatus_to_exitcode(status)
        if self.program.process.returncode != 0:
            raise RuntimeError(f"aria2 ended with {self.program.process.returncode}")
        self.last_cpu, self.last_memory = used.ru_utime + used.ru_stime, used.ru_maxrss / 1024

    def cpu(self):
        return self.last_cpu if self.program.process.returncode is not None else self.program.cpu()

    def memory(self):
        return self.last_memory if self.program.process.returncode is not None else self.program.memory()


class Transmission(ByTracker):
    """transmission-daemon, asked over its RPC."""

    name = "Transmission"
    seconds_to_settle = 5

    def __init__(self, role, torrent, folder, host, port, peers, state):
        super().__init__(role, folder)
        self.rpc, self.session = port + 1000, ""
        self.home = tempfile.mkdtemp(prefix="transmission-", dir=os.path.dirname(torrent))
        settings = {
            "bind-address-ipv4": host, "peer-port": port, "rpc-port": self.rpc, "rpc-bind-address": "127.0.0.1",
            "dht-enabled": False, "lpd-enabled": False, "pex-enabled": False, "utp-enabled": False,
            "port-forwarding-enabled": False, "rename-partial-files": False, "encryption": 0,
            "ratio-limit-enabled": False, "idle-seeding-limit-enabled": False, "cache-size-mb": 64,
        }
        with open(os.path.join(self.home, "settings.json"), "w") as file:
            json.dump(settings, file)
        self.program = Program(["transmission-daemon", "--foreground", "--config-dir", self.home])
        until(lambda: is_listening(self.rpc), 10, "Transmission listens")
        self.ask("torrent-add", filename=torrent, **{"download-dir": folder})

    @staticmethod
    def is_installed():
        return shutil.which("transmission-daemon") is not None

    def ask(self, method, **arguments):
        body = json.dumps({"method": method, "arguments": arguments}).encode()
        while True:
            asked = urllib.request.Request(
                f"http://127.0.0.1:{self.rpc}/transmission/rpc", body, {"X-Transmission-Session-Id": self.session})
            try:
                with urllib.request.urlopen(asked, timeout=10) as answer:
                    return json.load(answer)["arguments"]
            except urllib.error.HTTPError as refusal:
                # The first answer names the session.
                if refusal.code != 409:
                    raise
                self.session = refusal.headers["X-Transmission-Session-Id"]

    def is_seeding(self):
        found = self.ask("torrent-get", fields=["status", "percentDone"])["torrents"]
        return bool(found) and found[0]["percentDone"] == 1 and found[0]["status"] == 6

    def wait_until_seeding(self):
        until(self.is_seeding, 120, "Transmission seeds", 0.1)

    wait_until_complete = wait_until_seeding

    def end(self):
        super().end()
        shutil.rmtree(self.home, ignore_errors=True)


class Tracker:
    """Our own tracker, for clients that cannot be told of a peer. It stands on an address of the namespace that is not
    127.0.0.1, and so do they who announce there: Transmission connects to no loopback address."""

    HOST, PORT = "10.77.0.1", 6969
    URL = f"http://{HOST}:{PORT}/announce"

    def __enter__(self):
        self.program = Program([os.path.join(BIN, "p2p-tracker"), "--port", str(self.PORT), "--bind", self.HOST,
                                "--quiet"])
        until(lambda: is_listening(self.PORT), 10, "the tracker listens")
        return self

    def __exit__(self, *_):
        self.program.end()

    def seeders(self):
        with urllib.request.urlopen(f"http://{self.HOST}:{self.PORT}/stats.json", timeout=10) as answer:
            return json.load(answer)["seeders"]


def installed(*kinds):
    """Those of them that are here; at least one, or the comparison is left out."""
    found = [kind for kind in kinds if kind.is_installed()]
    if not found:
        raise Unavailable(f"none of {', '.join(kind.name for kind in kinds)} is installed")
    return found
