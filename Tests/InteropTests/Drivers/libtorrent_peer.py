#!/usr/bin/env python3
"""Drives libtorrent for the interop tests: seeds, leeches, makes, hashes and scrapes; prints one JSON object a line.

    libtorrent_peer.py seed|leech TORRENT --dir DIR --listen ADDRESS:PORT [--peer HOST:PORT]... [--deadline SECONDS]
                       [--upload-limit BYTES] [--local]
    libtorrent_peer.py make PATH --piece-length BYTES --out TORRENT [--tracker URL]
    libtorrent_peer.py hash TORRENT
    libtorrent_peer.py scrape TORRENT --listen ADDRESS:PORT
"""

import argparse
import json
import os
import sys
import time
import warnings

import libtorrent as lt

# Bytes, as with ours.
LONGEST_TORRENT = 64 << 20


def say(event, **fields):
    print(json.dumps({"event": event, **fields}), flush=True)


def session(listen, plaintext=False, local=False):
    return lt.session({
        # 1: tries an encrypted handshake first; 2: does not.
        "out_enc_policy": 2 if plaintext else 1,
        "listen_interfaces": listen,
        "enable_dht": False,
        "enable_lsd": local,
        "enable_upnp": False,
        "enable_natpmp": False,
        "enable_outgoing_utp": False,
        "allow_multiple_connections_per_ip": True,
        "announce_to_all_trackers": True,
        "announce_to_all_tiers": True,
        "max_metadata_size": LONGEST_TORRENT,
        "alert_mask": lt.alert.category_t.error_notification | lt.alert.category_t.status_notification
        | lt.alert.category_t.tracker_notification | lt.alert.category_t.connect_notification,
    })


def say_alerts(ses):
    for alert in ses.pop_alerts():
        say("alert", what=alert.what(), message=alert.message())
        yield alert


def transfer(options):
    ses = session(options.listen, options.plaintext, options.local)
    say("started")
    if options.torrent.startswith("magnet:"):
        params = lt.parse_magnet_uri(options.torrent)
    else:
        params = lt.add_torrent_params()
        params.ti = lt.torrent_info(options.torrent, {"max_buffer_size": LONGEST_TORRENT})
    params.save_path = options.dir
    params.flags &= ~lt.torrent_flags.auto_managed
    params.flags &= ~lt.torrent_flags.paused
    if options.unchecked:
        params.flags |= lt.torrent_flags.seed_mode
    torrent = ses.add_torrent(params)
    if options.upload_limit:
        torrent.set_upload_limit(options.upload_limit)
    for peer in options.peer:
        host, port = peer.rsplit(":", 1)
        torrent.connect_peer((host.strip("[]"), int(port)))
    end = time.monotonic() + options.deadline
    told_seeding = told_complete = False
    last_progress = 0.0
    while time.monotonic() < end:
        for _ in say_alerts(ses):
            pass
        status = torrent.status()
        if status.errc.value():
            say("error", message=status.errc.message())
            return 1
        if status.is_seeding and options.command == "seed" and not told_seeding:
            told_seeding = True
            say("seeding", port=ses.listen_port())
        if status.is_seeding and options.command == "leech" and not told_complete:
            told_complete = True
            ses.pause() if options.leave else None
            torrent.flush_cache()
            say("complete", bytes=status.total_payload_download)
            if options.leave:
                return 0
        if time.monotonic() - last_progress > 1:
            last_progress = time.monotonic()
            # Bit 2 of the source: another peer told of it.
            exchanged = sum(1 for peer in torrent.get_peer_info() if peer.source & 4)
            say("progress", state=str(status.state), done=status.total_done, peers=status.num_peers,
                uploaded=status.total_payload_upload, exchanged=exchanged)
        ses.wait_for_alert(100)
    say("error", message="deadline passed")
    return 1


def make(options):
    files = lt.file_storage()
    # libtorrent keeps the order of the folder's entries; the order that others agree on is by path.
    root = os.path.abspath(options.torrent)
    parent = os.path.dirname(root)
    found = [root] if os.path.isfile(root) else [
        os.path.join(folder, name) for folder, _, names in os.walk(root) for name in names]
    for path in sorted(found, key=lambda path: os.path.relpath(path, parent).encode()):
        files.add_file(os.path.relpath(path, parent), os.path.getsize(path))
    creator = lt.create_torrent(files, options.piece_length, lt.create_torrent.v1_only)
    if options.tracker:
        creator.add_tracker(options.tracker)
    lt.set_piece_hashes(creator, parent)
    with open(options.out, "wb") as output:
        output.write(lt.bencode(creator.generate()))
    say("made", infohash=str(lt.torrent_info(options.out).info_hashes().v1))
    return 0


def hash_of(options):
    info = lt.torrent_info(options.torrent)
    say("hash", infohash=str(info.info_hashes().v1), name=info.name(), length=info.total_size())
    return 0


def scrape(options):
    ses = session(options.listen)
    params = lt.add_torrent_params()
    params.ti = lt.torrent_info(options.torrent)
    params.save_path = options.dir
    params.flags &= ~lt.torrent_flags.auto_managed
    params.flags |= lt.torrent_flags.paused
    torrent = ses.add_torrent(params)
    torrent.scrape_tracker()
    end = time.monotonic() + options.deadline
    while time.monotonic() < end:
        for alert in say_alerts(ses):
            if isinstance(alert, lt.scrape_reply_alert):
                say("scraped", seeds=alert.complete, peers=alert.incomplete)
                return 0
        ses.wait_for_alert(100)
    say("error", message="no scrape answer")
    return 1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["seed", "leech", "make", "hash", "scrape"])
    parser.add_argument("torrent", help="a .torrent or a magnet link, or for make the path to share")
    parser.add_argument("--dir", default=".")
    parser.add_argument("--listen", default="127.0.0.1:0")
    parser.add_argument("--peer", action="append", default=[])
    parser.add_argument("--deadline", type=float, default=120)
    parser.add_argument("--leave", action="store_true", help="end as soon as the download is complete")
    parser.add_argument("--plaintext", action="store_true", help="no encrypted handshake, which costs a second try")
    parser.add_argument("--unchecked", action="store_true", help="seed without looking whether everything is there")
    parser.add_argument("--local", action="store_true", help="look for peers on the local network")
    parser.add_argument("--upload-limit", type=int, default=0, help="bytes a second of the torrent")
    parser.add_argument("--piece-length", type=int, default=0)
    parser.add_argument("--tracker")
    parser.add_argument("--out")
    options = parser.parse_args()
    commands = {"make": make, "hash": hash_of, "scrape": scrape}
    return commands.get(options.command, transfer)(options)


warnings.filterwarnings("ignore", category=DeprecationWarning)

if __name__ == "__main__":
    sys.exit(main())
