#!/usr/bin/env python3
"""A node of libtorrent's DHT for the interop tests; prints one JSON object a line, and lives until it is ended.

    libtorrent_dht.py --listen ADDRESS:PORT [--node ADDRESS:PORT] [--announce HASH --port PORT] [--get HASH]

`ready` comes as soon as it knows nodes, then `announced` each time that it has announced, and `peers` each time that
somebody told it of some. It asks again each second, as others may only be coming.
"""

import argparse
import json
import time

import libtorrent as lt


def say(event, **fields):
    print(json.dumps({"event": event, **fields}), flush=True)


def place(text):
    host, port = text.rsplit(":", 1)
    return host.strip("[]"), int(port)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--listen", required=True)
    parser.add_argument("--node")
    parser.add_argument("--announce")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--get")
    options = parser.parse_args()
    session = lt.session({
        "listen_interfaces": options.listen,
        "enable_dht": True,
        "dht_bootstrap_nodes": "",
        # All nodes here have addresses of one network.
        "dht_restrict_routing_ips": False,
        "dht_restrict_search_ips": False,
        "dht_ignore_dark_internet": False,
        "enable_lsd": False,
        "enable_upnp": False,
        "enable_natpmp": False,
        "alert_mask": lt.alert.category_t.dht_notification | lt.alert.category_t.status_notification
        | lt.alert.category_t.stats_notification | lt.alert.category_t.dht_operation_notification
        | lt.alert.category_t.error_notification,
    })
    if options.node:
        session.add_dht_node(place(options.node))
    say("started")
    is_ready = False
    next_question = 0
    while True:
        session.post_dht_stats()
        for alert in session.pop_alerts():
            if isinstance(alert, lt.dht_stats_alert):
                nodes = sum(bucket["num_nodes"] for bucket in alert.routing_table)
                if nodes > 0 and not is_ready:
                    is_ready = True
                    say("ready", nodes=nodes)
            elif isinstance(alert, lt.dht_get_peers_reply_alert):
                peers = [f"[{host}]:{port}" if ":" in host else f"{host}:{port}" for host, port in alert.peers()]
                if peers:
                    say("peers", found=peers)
            elif isinstance(alert, lt.listen_failed_alert):
                say("alert", message=alert.message())
        if is_ready and time.monotonic() >= next_question:
            next_question = time.monotonic() + 1
            if options.announce:
                session.dht_announce(lt.sha1_hash(bytes.fromhex(options.announce)), options.port, 0)
                say("announced")
            if options.get:
                session.dht_get_peers(lt.sha1_hash(bytes.fromhex(options.get)))
        time.sleep(0.05)


if __name__ == "__main__":
    main()
