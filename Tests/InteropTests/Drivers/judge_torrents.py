"""Asks libtorrent, transmission-show and aria2c which of the .torrent files in a folder they load.

Prints a JSON object a file: its name, whether Transmission and aria2 load it, and of libtorrent what it makes of it.
"""

import json
import os
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor

import libtorrent

warnings.simplefilter("ignore")


def libtorrent_loads(path):
    try:
        info = libtorrent.torrent_info(path)
    except RuntimeError:
        return None
    files = info.files() if hasattr(info, "files") else info.layout()
    paths = [files.file_path(number).replace(os.sep, "/") for number in range(files.num_files())]
    return {"paths": paths, "length": files.total_size()}


def transmission_loads(path):
    return subprocess.run(["transmission-show", path], stdin=subprocess.DEVNULL, capture_output=True).returncode == 0


def aria2_loads(path):
    shown = subprocess.run(["aria2c", "--no-conf", "-S", path], stdin=subprocess.DEVNULL, capture_output=True)
    return shown.returncode == 0 and b"idx|path" in shown.stdout


def judge(path):
    verdict = {"name": os.path.basename(path), "transmission": transmission_loads(path), "aria2": aria2_loads(path)}
    # Nothing is shared between two of these.
    verdict["libtorrent"] = libtorrent_loads(path)
    return verdict


folder = sys.argv[1]
torrents = sorted(os.path.join(folder, name) for name in os.listdir(folder) if name.endswith(".torrent"))
with ThreadPoolExecutor(4) as threads:
    for verdict in threads.map(judge, torrents):
        print(json.dumps(verdict), flush=True)
