"""Peers that mean no good: connections of one kind, bounded in count and time, at the lowest priority.

    strangers.py KIND HOST:PORT INFOHASH PIECES PIECELENGTH SECONDS COUNT [ADDRESS]

ADDRESS is where they come from, such as 81.2.69.: each has its own last number. Prints one JSON object at the end.
"""

import asyncio
import json
import os
import random
import resource
import socket
import struct
import sys
import time

BLOCK = 16 << 10
CHOKE, UNCHOKE, INTERESTED, NOT_INTERESTED, HAVE, BITFIELD, REQUEST, PIECE, CANCEL = range(9)
REJECT, EXTENDED = 16, 20


def message(kind, payload=b""):
    return struct.pack(">IB", 1 + len(payload), kind) + payload


def block(piece, begin, length=BLOCK):
    return struct.pack(">III", piece, begin, length)


class Stranger:
    """One connection."""

    def __init__(self, crowd, number):
        self.crowd, self.number = crowd, number
        self.peer_id = b"-XX0001-" + bytes(random.randrange(33, 127) for _ in range(12))

    async def connect(self, is_fast=False, is_extended=False, receives=None):
        """A TCP connection with its handshake sent; `receives`: bytes that the system may hold for it unread."""
        place = socket.socket()
        place.setblocking(False)
        if receives:
            place.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receives)
        if self.crowd.source:
            place.setsockopt(socket.SOL_IP, 24, 1)  # IP_BIND_ADDRESS_NO_PORT
            place.bind((f"{self.crowd.source}{1 + self.number % 250}", 0))
        await asyncio.get_running_loop().sock_connect(place, self.crowd.target)
        self.reader, self.writer = await asyncio.open_connection(sock=place, limit=1 << 18)
        bits = bytearray(8)
        bits[5] |= 0x10 if is_extended else 0
        bits[7] |= 0x04 if is_fast else 0
        self.crowd.connections += 1
        await self.say(b"\x13BitTorrent protocol" + bytes(bits) + self.crowd.info_hash + self.peer_id)

    async def say(self, data):
        self.writer.write(data)
        await self.writer.drain()

    async def greeted(self):
        return await self.reader.readexactly(68)

    async def next(self):
        """Its number and payload; None for a keep-alive."""
        length, = struct.unpack(">I", await self.reader.readexactly(4))
        if not length:
            return None, b""
        body = await self.reader.readexactly(length)
        if body[0] == PIECE:
            self.crowd.taken += length - 9
        return body[0], body[1:]

    async def until(self, *kinds):
        while True:
            kind, body = await self.next()
            if kind in kinds:
                return kind, body

    def everything(self):
        pieces = self.crowd.pieces
        bits = bytearray(b"\xff" * ((pieces + 7) // 8))
        if pieces % 8:
            bits[-1] = 0xff << (8 - pieces % 8) & 0xff
        return message(BITFIELD, bytes(bits))

    def any_block(self):
        crowd = self.crowd
        return block(random.randrange(max(1, crowd.pieces - 1)),
                     BLOCK * random.randrange(max(1, crowd.piece_length // BLOCK)))

    def end(self):
        if hasattr(self, "writer"):
            self.writer.transport.abort()

    # What they do, each until it is thrown out or time is up.

    async def half_open(self):
        """Connects and says nothing."""
        place = await asyncio.open_connection(*self.crowd.target)
        self.writer = place[1]
        self.crowd.connections += 1
        await place[0].read()

    async def idle(self):
        """Interested, and asks for nothing."""
        await self.connect()
        await self.greeted()
        await self.say(message(INTERESTED))
        while True:
            await self.next()

    async def ask(self):
        await self.connect(is_fast=True, receives=4096)
        await self.greeted()
        await self.say(message(INTERESTED))
        await self.until(UNCHOKE)
        piece = random.randrange(self.crowd.pieces)
        await self.say(b"".join(message(REQUEST, block(piece, BLOCK * at))
                                for at in range(min(64, self.crowd.piece_length // BLOCK))))

    async def ask_slowly(self, rate):
        await self.ask()
        while True:
            data = await self.reader.read(rate // 4)
            if not data:
                return
            self.crowd.taken += len(data)
            await asyncio.sleep(0.25)

    async def holds_turn(self):
        """Asks for a piece and reads nothing, but keeps the connection alive."""
        await self.ask()
        while True:
            await asyncio.sleep(5)
            await self.say(bytes(4))

    async def drips(self):
        """Asks for a piece and reads 4 KiB of it a second."""
        await self.ask_slowly(4096)

    async def drips_more(self):
        """The same with 20 KiB a second: more than a block."""
        await self.ask_slowly(20 << 10)

    async def offer(self):
        await self.connect()
        await self.greeted()
        await self.say(self.everything() + message(UNCHOKE))
        _, wanted = await self.until(REQUEST)
        return struct.unpack(">III", wanted)

    async def holds_block(self):
        """Has everything, answers each request with the header of the block and one byte."""
        piece, begin, length = await self.offer()
        await self.say(struct.pack(">IBII", 9 + length, PIECE, piece, begin) + b"x")
        while True:
            await asyncio.sleep(5)
            await self.reader.read(1 << 16)

    async def drips_block(self):
        """The same, and a byte each second."""
        piece, begin, length = await self.offer()
        await self.say(struct.pack(">IBII", 9 + length, PIECE, piece, begin))
        while True:
            await self.say(b"x")
            await asyncio.sleep(1)

    async def flaps(self):
        """Has everything, chokes and unchokes as fast as it can, reads nothing."""
        await self.connect(is_fast=False, receives=4096)
        await self.greeted()
        await self.say(self.everything())
        while True:
            await self.say((message(UNCHOKE) + message(CHOKE)) * 200)

    async def cancels(self):
        """Asks and cancels as fast as it can, reads nothing."""
        await self.connect(is_fast=True, receives=4096)
        await self.greeted()
        await self.say(message(INTERESTED))
        while True:
            wanted = [self.any_block() for _ in range(100)]
            await self.say(b"".join(message(REQUEST, it) + message(CANCEL, it) for it in wanted))

    async def claims_ports(self):
        """Says that it listens on a port that is not its own, leaves, comes again."""
        while True:
            await self.connect(is_extended=True)
            await self.greeted()
            handshake = b"d1:md6:ut_pexi1ee1:pi%dee" % random.randrange(1024, 65536)
            await self.say(message(EXTENDED, b"\x00" + handshake))
            await asyncio.sleep(0.2)
            self.end()
            self.peer_id = b"-XX0001-" + os.urandom(12)

    async def names_nobody(self):
        """Exchanges peers that are not there, fifty a message, as often as it may."""
        await self.connect(is_extended=True)
        await self.greeted()
        await self.say(message(EXTENDED, b"\x00d1:md6:ut_pexi1eee"))
        while True:
            added = b"".join(bytes([127, *os.urandom(3)]) + struct.pack(">H", random.randrange(1024, 65536))
                             for _ in range(50))
            await self.say(message(EXTENDED, b"\x01d5:added300:" + added + b"e"))
            await asyncio.sleep(1)

    async def churns(self):
        """Comes, is interested, asks for a few blocks, goes, comes again as somebody else."""
        while True:
            await self.connect(is_fast=True)
            await self.greeted()
            await self.say(message(INTERESTED))
            await self.until(UNCHOKE)
            await self.say(b"".join(message(REQUEST, self.any_block()) for _ in range(4)))
            await self.until(PIECE)
            self.end()
            self.peer_id = b"-XX0001-" + os.urandom(12)

    async def sends_unasked(self):
        """Has everything, answers nothing, sends blocks that nobody asked it for."""
        await self.connect()
        await self.greeted()
        await self.say(self.everything() + message(UNCHOKE))
        while True:
            piece, begin, length = struct.unpack(">III", self.any_block())
            await self.say(struct.pack(">IBII", 9 + length, PIECE, piece, begin) + os.urandom(length))
            self.crowd.given += length

    async def lies(self):
        """Has everything, answers each request with other bytes."""
        await self.connect()
        await self.greeted()
        await self.say(self.everything() + message(UNCHOKE))
        while True:
            _, wanted = await self.until(REQUEST)
            piece, begin, length = struct.unpack(">III", wanted)
            await self.say(struct.pack(">IBII", 9 + length, PIECE, piece, begin) + os.urandom(length))
            self.crowd.given += length

    async def floods_haves(self):
        """Says what it has again and again."""
        await self.connect()
        await self.greeted()
        while True:
            await self.say(b"".join(message(HAVE, struct.pack(">I", random.randrange(self.crowd.pieces)))
                                    for _ in range(500)))

    async def floods_interest(self):
        """Is interested, is not, is interested."""
        await self.connect(receives=4096)
        await self.greeted()
        while True:
            await self.say((message(INTERESTED) + message(NOT_INTERESTED)) * 200)

    async def keeps_alive(self):
        """Keep-alives as fast as it can."""
        await self.connect()
        await self.greeted()
        while True:
            await self.say(bytes(4) * 2000)

    async def asks_choked(self):
        """Asks while it is choked, as fast as it can, reads nothing."""
        await self.connect(is_fast=True, receives=4096)
        await self.greeted()
        while True:
            await self.say(b"".join(message(REQUEST, self.any_block()) for _ in range(100)))

    async def babbles(self):
        """Messages of no known kind."""
        await self.connect()
        await self.greeted()
        while True:
            await self.say(message(random.choice((30, 77, 200)), os.urandom(1000)))


KINDS = [name for name, what in vars(Stranger).items()
         if asyncio.iscoroutinefunction(what) and what.__doc__ and name not in ("connect", "next")]


class Crowd:
    """All connections of one run; those that are thrown out come back."""

    def __init__(self, kind, target, info_hash, pieces, piece_length, seconds, count, source=None):
        host, port = target.rsplit(":", 1)
        self.kind, self.target, self.info_hash = kind, (host, int(port)), bytes.fromhex(info_hash)
        self.pieces, self.piece_length, self.source = int(pieces), int(piece_length), source
        self.seconds, self.count = float(seconds), int(count)
        self.connections = self.taken = self.given = self.refused = 0

    async def one(self, number):
        kinds = KINDS if self.kind == "all" else [self.kind]
        while True:
            stranger = Stranger(self, number)
            try:
                await getattr(stranger, kinds[number % len(kinds)])()
            except (OSError, EOFError, ValueError, struct.error):
                self.refused += 1
            finally:
                stranger.end()
            # Whoever is thrown out is back at once, but no load loop is without a bound.
            await asyncio.sleep(0.1)

    async def run(self):
        everybody = [asyncio.create_task(self.one(number)) for number in range(self.count)]
        await asyncio.sleep(self.seconds)
        for one in everybody:
            one.cancel()
        await asyncio.gather(*everybody, return_exceptions=True)
        used = resource.getrusage(resource.RUSAGE_SELF)
        print(json.dumps({
            "kind": self.kind, "connections": self.connections, "refused": self.refused, "taken": self.taken,
            "given": self.given, "cpu": used.ru_utime + used.ru_stime}))


if __name__ == "__main__":
    if len(sys.argv) < 8:
        sys.exit(__doc__ + "\nKinds: " + ", ".join(KINDS))
    os.nice(19)
    began = time.monotonic()
    asyncio.run(Crowd(*sys.argv[1:]).run())
