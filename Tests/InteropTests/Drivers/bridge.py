#!/usr/bin/env python3
"""Hosts in network namespaces of their own around a bridge with no way out, and a log of what they begin there.

    bridge.py COUNT

The hosts are numbered from 1; number N has the addresses 10.78.0.N and fd78::N, at its only device. One JSON object a
line: `host` with the file of its namespace, `ready`, and then `packet` for each first packet of a TCP connection
(`connect`), each BitTorrent handshake of whoever made the connection (`handshake`), and each packet of UDP
(`datagram`), as it came into the bridge; one of local discovery with the torrents that it names. SIGUSR1 asks for `captured`, which comes after all packets of before.
Namespaces, bridge and lines last as long as this process and whatever runs in them.
"""

import collections
import ctypes
import json
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import time

NEW_NETWORK = 0x40000000
ALL_PROTOCOLS = 3
OUTGOING = 4
# Of local discovery (BEP 14).
DISCOVERY_PORT = 6771
LEADING = b"\x13BitTorrent protocol"
LIBC = ctypes.CDLL(None, use_errno=True)


def say(event, **fields):
    print(json.dumps({"event": event, **fields}), flush=True)


def checked(result):
    if result != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def new_network():
    """Moves this process into a network of its own, which lasts as long as the descriptor that is returned."""
    checked(LIBC.unshare(NEW_NETWORK))
    return os.open("/proc/self/ns/net", os.O_RDONLY)


def ip(*commands):
    done = subprocess.run(["ip", "-batch", "-"], input="\n".join(commands), capture_output=True, text=True)
    if done.returncode != 0:
        raise OSError(f"ip: {done.stderr.strip()}")


def filtered(packets):
    """Lets pass what was sent by a host and is TCP's first packet, or UDP, or begins with what leads a handshake."""
    reject, accept = 31, 32
    lines = [
        (0x30, 0xFFFFF004), (0x15, OUTGOING, reject, 2),                  # which way it goes
        (0x28, 12), (0x15, 0x0800, 5, 4), (0x15, 0x86DD, 19, reject),     # its protocol
        # IPv4: UDP; TCP with SYN and without ACK; the first four bytes of its payload
        (0x30, 23), (0x15, 17, accept, 7), (0x15, 6, 8, reject),
        (0xB1, 14), (0x50, 27), (0x54, 0x12), (0x15, 0x02, accept, 12),
        (0x50, 26), (0x54, 0xF0), (0x74, 2), (0x0C, 0), (0x07, 0), (0x40, 14), (0x15, 0x13426974, accept, reject),
        # IPv6: the same
        (0x30, 20), (0x15, 17, accept, 21), (0x15, 6, 22, reject),
        (0x30, 67), (0x54, 0x12), (0x15, 0x02, accept, 25),
        (0x30, 66), (0x54, 0xF0), (0x74, 2), (0x07, 0), (0x40, 54), (0x15, 0x13426974, accept, reject),
        (0x06, 0), (0x06, 0x40000),
    ]
    code = b""
    for place, (operation, operand, *targets) in enumerate(lines):
        jumps = [target - place - 1 for target in targets] or [0, 0]
        code += struct.pack("HBBI", operation, *jumps, operand)
    buffer = ctypes.create_string_buffer(code, len(code))
    attach_filter = 26
    packets.setsockopt(socket.SOL_SOCKET, attach_filter, struct.pack("HL", len(lines), ctypes.addressof(buffer)))
    return packets


def listen():
    packets = filtered(socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ALL_PROTOCOLS)))
    with_time, forced_buffer = 29, 33
    packets.setsockopt(socket.SOL_SOCKET, with_time, 1)
    try:
        packets.setsockopt(socket.SOL_SOCKET, forced_buffer, 8 << 20)
    except PermissionError:
        packets.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
    packets.settimeout(0.05)
    return packets


def dropped(packets):
    """How many there was no room for since the last time."""
    packet_level, statistics = 263, 6
    return struct.unpack("II", packets.getsockopt(packet_level, statistics, 8))[1]


class Log:
    def __init__(self):
        # Who has called whom, from which port: the answering side sends a handshake, too.
        self.calls = set()

    def take(self, frame, seconds, device):
        if not device.startswith("host"):
            return
        is_v4 = frame[12:14] == b"\x08\x00"
        header = 14 + (4 * (frame[14] & 15) if is_v4 else 40)
        addresses = frame[26:34] if is_v4 else frame[22:54]
        family, half = (socket.AF_INET, 4) if is_v4 else (socket.AF_INET6, 16)
        source, target = (socket.inet_ntop(family, part) for part in (addresses[:half], addresses[half:]))
        source_port, port = struct.unpack("!HH", frame[header:header + 4])
        call = (source, source_port, target, port)
        fields = {"time": seconds, "host": int(device[4:]), "address": target, "port": port}
        if frame[23 if is_v4 else 20] == 17:
            if port == DISCOVERY_PORT:
                fields["infohashes"] = [part.decode() for part in re.findall(rb"Infohash: (\w{40})\r\n", frame)]
            return say("packet", kind="datagram", **fields)
        if frame[header + 13] & 0x12 == 2:
            self.calls.add(call)
            return say("packet", kind="connect", **fields)
        payload = frame[header + 4 * (frame[header + 12] >> 4):]
        if call in self.calls and payload.startswith(LEADING):
            say("packet", kind="handshake", infohash=payload[28:48].hex(), **fields)


def hardware(number):
    return f"02:00:00:00:00:{number:02x}"


def file_of(network):
    return f"/proc/{os.getpid()}/fd/{network}"


def build(count):
    middle = new_network()
    ip("link add bridge type bridge", "link set bridge up")
    packets = listen()
    hosts = []
    for _ in range(count):
        hosts.append(new_network())
    checked(LIBC.setns(middle, NEW_NETWORK))
    ip(*(command for number, host in enumerate(hosts, 1) for command in (
        f"link add host{number} type veth peer name line address {hardware(number)} netns {file_of(host)}",
        f"link set host{number} master bridge", f"link set host{number} up")))
    for number, host in enumerate(hosts, 1):
        checked(LIBC.setns(host, NEW_NETWORK))
        others = [other for other in range(1, count + 1) if other != number]
        # The system has one table of neighbours for all namespaces, too small for those that are found out; these are
        # not counted.
        ip("link set lo up", f"address add 10.78.0.{number}/24 dev line",
           f"address add fd78::{number:x}/64 dev line nodad", "link set line up",
           *(f"neighbour add {address}{other:{form}} lladdr {hardware(other)} dev line nud permanent"
             for address, form in (("10.78.0.", "d"), ("fd78::", "x")) for other in others))
        say("host", path=file_of(host))
    checked(LIBC.setns(middle, NEW_NETWORK))
    return packets


def main():
    asked = collections.deque()
    signal.signal(signal.SIGUSR1, lambda *_: asked.append(time.time()))
    try:
        packets = build(int(sys.argv[1]))
    except OSError as error:
        say("impossible", message=str(error))
        return 1
    say("ready")
    log = Log()
    lost = 0
    while True:
        seconds = None
        try:
            frame, extra, _, where = packets.recvmsg(2048, 128)
            seconds, micros = struct.unpack("ll", extra[0][2][:16])
            seconds += micros / 1e6
            log.take(frame, seconds, where[0])
        except TimeoutError:
            pass
        while asked and (seconds is None or seconds > asked[0]):
            asked.popleft()
            lost += dropped(packets)
            say("captured", lost=lost)


if __name__ == "__main__":
    sys.exit(main())
