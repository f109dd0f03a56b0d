#!/usr/bin/env python3
"""A tracker over HTTP that names a few of those it knows, and says whom it named to whom.

    naming_tracker.py ADDRESS:PORT COUNT

Each answer names at most COUNT of the peers that announced the same torrent before, drawn by lot. One JSON object a
line: `listening`, then `named` before each answer leaves.
"""

import http.server
import json
import random
import sys
import threading
import time
import urllib.parse


def say(event, **fields):
    print(json.dumps({"event": event, **fields}), flush=True)


class Naming(http.server.BaseHTTPRequestHandler):
    known = {}
    guard = threading.Lock()
    chance = random.Random(1)
    count = 0

    def do_GET(self):
        # The info hash is bytes that are no text.
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query, encoding="latin-1")
        asker = (self.client_address[0], int(query["port"][0]))
        event = query.get("event", [""])[0]
        with self.guard:
            swarm = self.known.setdefault(query["info_hash"][0], [])
            others = [peer for peer in swarm if peer != asker]
            named = [] if event == "stopped" else self.chance.sample(others, min(self.count, len(others)))
            if asker in swarm:
                swarm.remove(asker)
            if event != "stopped":
                swarm.append(asker)
            say("named", time=time.time(), address=asker[0], port=asker[1], state=event,
                infohash=query["info_hash"][0].encode("latin-1").hex(),
                named=[f"{address}:{port}" for address, port in named])
        compact = b"".join(
            bytes(map(int, address.split("."))) + port.to_bytes(2, "big") for address, port in named)
        body = b"d8:intervali60e5:peers%d:%se" % (len(compact), compact)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64


def main():
    address, port = sys.argv[1].rsplit(":", 1)
    Naming.count = int(sys.argv[2])
    server = Server((address, int(port)), Naming)
    say("listening", address=address, port=int(port))
    server.serve_forever()


if __name__ == "__main__":
    main()
