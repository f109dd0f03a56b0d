#!/usr/bin/env python3
"""A peer that tells everybody of others, asked or not, and may have the metadata of a torrent.

    tempting_peer.py LISTEN INFOHASH [--call ADDRESS:PORT]... [--tell ADDRESS:PORT]... [--metadata TORRENT]

It calls the peers of --call once, takes whoever comes, has no piece, and tells of the addresses of --tell (ut_pex,
BEP 11) under the number that the other side gave, or under each that clients use where it gave none. One JSON object a
line: `listening`, `connected`, `heard` once a peer has answered what was sent after that, and `left`. The metadata is
given (BEP 9) once SIGUSR1 has come.
"""

import argparse
import json
import os
import signal
import socket
import struct
import threading

HANDSHAKE = b"\x13BitTorrent protocol\x00\x00\x00\x00\x00\x10\x00\x04"
REQUEST, PIECE, HAVE_NONE, REJECT, EXTENDED = 6, 7, 15, 16, 20
METADATA_BLOCK = 16_384
OUR_METADATA = 3
# What clients have ut_pex sent under.
USUAL_NUMBERS = (1, 2)


SAYING = threading.Lock()


def say(event, **fields):
    with SAYING:
        print(json.dumps({"event": event, **fields}), flush=True)


def encode(value):
    if isinstance(value, int):
        return b"i%de" % value
    if isinstance(value, bytes):
        return b"%d:%s" % (len(value), value)
    return b"d" + b"".join(encode(key) + encode(value[key]) for key in sorted(value)) + b"e"


def decode(data, at=0):
    """The value at this place, and where it ends."""
    if data[at:at + 1] == b"i":
        end = data.index(b"e", at)
        return int(data[at + 1:end]), end + 1
    if data[at:at + 1] in (b"d", b"l"):
        kind, at, items = data[at:at + 1], at + 1, []
        while data[at:at + 1] != b"e":
            item, at = decode(data, at)
            items.append(item)
        return (dict(zip(items[::2], items[1::2])) if kind == b"d" else items), at + 1
    colon = data.index(b":", at)
    end = colon + 1 + int(data[at:colon])
    return data[colon + 1:end], end


def info_dictionary(path):
    with open(path, "rb") as file:
        data = file.read()
    start = data.index(b"4:info") + 6
    return data[start:decode(data, start)[1]]


def place(text):
    address, port = text.rsplit(":", 1)
    return address.strip("[]"), int(port)


def compact(places):
    """Of IPv4 and of IPv6 addresses."""
    lists = {4: b"", 16: b""}
    for address, port in places:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        packed = socket.inet_pton(family, address)
        lists[len(packed)] += packed + struct.pack("!H", port)
    return lists[4], lists[16]


class Peer:
    def __init__(self, options):
        self.options = options
        self.listen = place(options.listen)
        self.tells = [place(text) for text in options.tell]
        self.metadata = info_dictionary(options.metadata) if options.metadata else b""
        self.may_give = threading.Event()
        self.identity = b"-XX0001-" + os.urandom(12)

    def serve(self):
        family = socket.AF_INET6 if ":" in self.listen[0] else socket.AF_INET
        server = socket.create_server(self.listen, family=family)
        say("listening", address=self.listen[0], port=self.listen[1])
        while True:
            connection, address = server.accept()
            self.begin(connection, address, True)

    def call(self, address):
        try:
            connection = socket.create_connection(address, timeout=20, source_address=(self.listen[0], 0))
            connection.settimeout(None)
        except OSError as error:
            return say("failed", address=address[0], port=address[1], reason=str(error))
        self.begin(connection, address, False)

    def begin(self, connection, address, incoming):
        threading.Thread(target=self.talk, args=(connection, address, incoming), daemon=True).start()

    def talk(self, connection, address, incoming):
        where = {"address": address[0], "port": address[1]}
        try:
            connection.sendall(HANDSHAKE + bytes.fromhex(self.options.infohash) + self.identity)
            stream = connection.makefile("rb")
            if len(stream.read(68)) < 68:
                return say("refused", **where)
            say("connected", incoming=incoming, **where)
            self.message(connection, HAVE_NONE)
            hello = {b"m": {b"ut_pex": 1, b"ut_metadata": OUR_METADATA}, b"p": self.listen[1]}
            if self.metadata:
                hello[b"metadata_size"] = len(self.metadata)
            self.message(connection, EXTENDED, b"\x00" + encode(hello))
            self.read(connection, stream, where)
        except (OSError, ValueError, struct.error) as error:
            say("left", reason=str(error), **where)
        finally:
            connection.close()

    def read(self, connection, stream, where):
        numbers = {}
        has_told = False
        while True:
            head = stream.read(4)
            if len(head) < 4:
                return say("left", reason="it has closed", **where)
            body = stream.read(struct.unpack("!I", head)[0])
            kind = body[0] if body else None
            if kind in (REJECT, PIECE) and has_told:
                say("heard", **where)
            if kind != EXTENDED:
                continue
            if body[1] == 0:
                numbers = decode(body, 2)[0].get(b"m", {})
                if not has_told:
                    self.tell(connection, numbers)
                has_told = True
            elif body[1] == OUR_METADATA:
                self.give(connection, decode(body, 2)[0], numbers)

    def tell(self, connection, numbers):
        v4, v6 = compact(self.tells)
        flags = [b"\x02" * (len(v4) // 6), b"\x02" * (len(v6) // 18)]
        body = encode({b"added": v4, b"added.f": flags[0], b"added6": v6, b"added6.f": flags[1]})
        given = numbers.get(b"ut_pex", 0)
        for number in [given] if given else USUAL_NUMBERS:
            self.message(connection, EXTENDED, bytes([number]) + body)
        # It is choked, so this is rejected: then all of the above has been read.
        self.message(connection, REQUEST, struct.pack("!III", 0, 0, METADATA_BLOCK))

    def give(self, connection, request, numbers):
        if request.get(b"msg_type") != 0 or not self.metadata:
            return
        self.may_give.wait()
        piece = request[b"piece"]
        head = encode({b"msg_type": 1, b"piece": piece, b"total_size": len(self.metadata)})
        block = self.metadata[piece * METADATA_BLOCK:(piece + 1) * METADATA_BLOCK]
        self.message(connection, EXTENDED, bytes([numbers[b"ut_metadata"]]) + head + block)

    @staticmethod
    def message(connection, kind, body=b""):
        connection.sendall(struct.pack("!IB", len(body) + 1, kind) + body)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("listen")
    parser.add_argument("infohash")
    parser.add_argument("--call", action="append", default=[])
    parser.add_argument("--tell", action="append", default=[])
    parser.add_argument("--metadata")
    peer = Peer(parser.parse_args())
    signal.signal(signal.SIGUSR1, lambda *_: peer.may_give.set())
    threading.Thread(target=peer.serve, daemon=True).start()
    for text in peer.options.call:
        threading.Thread(target=peer.call, args=(place(text),), daemon=True).start()
    while True:
        signal.pause()


if __name__ == "__main__":
    main()
