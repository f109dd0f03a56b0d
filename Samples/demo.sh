#!/usr/bin/env bash
# Shows the suite at work on this machine: shares Samples/multi and gets it by the URL that is printed; then starts a tracker, makes a torrent of Samples/multi, seeds it, leeches it into
# a new folder, and compares; then does the same from a magnet link alone. Each command is shown as it runs. Ends with 0 if
# all folders are the same.
#
# Builds first, unless P2P_BIN names a folder with p2p-tracker and p2p-peer.
set -euo pipefail
cd "$(dirname "$0")/.."

# It is between these few: nobody on the network around is told of it.
export P2P_NO_LSD=yes

work=$(mktemp -d "${TMPDIR:-/tmp}/p2p-demo.XXXXXX")
running=()
finish() {
    local code=$?
    for process in "${running[@]}"; do kill "$process" 2>/dev/null || true; done
    for process in "${running[@]}"; do wait "$process" 2>/dev/null || true; done
    rm -rf "$work"
    exit "$code"
}
trap finish EXIT
trap 'exit 130' INT TERM

# Shows a command, then runs it.
show() { printf '\n$ %s\n' "$*"; "$@"; }

# Shows a command and runs it in the background; what it says goes to a file.
start() {
    local log=$1
    shift
    printf '\n$ %s &\n' "$*"
    "$@" >"$log" 2>"$log.messages" &
    running+=($!)
}

# Waits until a line with these words stands in a file, for 20 seconds at most.
await() {
    local words=$1 log=$2
    for _ in $(seq 200); do
        if grep -q "$words" "$log" 2>/dev/null; then return; fi
        sleep 0.1
    done
    echo "demo: waited in vain for $words" >&2
    cat "$log" "$log.messages" >&2
    return 1
}

if [ -n "${P2P_BIN:-}" ]; then
    PATH=$P2P_BIN:$PATH
else
    show swift build -c release
    PATH=$(swift build -c release --show-bin-path):$PATH
fi
export P2P_CONFIG= XDG_STATE_HOME=$work/state P2P_NO_DHT=yes

# One command on each side.
start "$work/sharer" p2p-peer share Samples/multi --once --tracker 127.0.0.1:0 --json
await '"sharing"' "$work/sharer"
url=$(sed -n 's/.*"url":\["\([^"]*\)".*/\1/p' "$work/sharer" | head -n 1)
show p2p-peer get "$url" --dir "$work/shared"
show diff -r Samples/multi "$work/shared/multi"
await '"has_everything"' "$work/sharer"

# The same in steps.
start "$work/tracker" p2p-tracker --bind 127.0.0.1 --port 0 --json
await '"listening"' "$work/tracker"
port=$(sed -n 's/.*"listening".*"port":\([0-9]*\).*/\1/p' "$work/tracker" | head -n 1)

show p2p-peer make Samples/multi --announce "http://127.0.0.1:$port/announce" --output "$work/multi.torrent"
show p2p-peer show "$work/multi.torrent"

start "$work/seeder" p2p-peer seed "$work/multi.torrent" --dir Samples --json
await '"seeding"' "$work/seeder"

mkdir "$work/downloads"
show p2p-peer leech "$work/multi.torrent" --dir "$work/downloads" --exit-when-done
show p2p-peer verify "$work/multi.torrent" --dir "$work/downloads"
show diff -r Samples/multi "$work/downloads/multi"

link=$(p2p-peer magnet "$work/multi.torrent")
show p2p-peer get "$link" --dir "$work/linked" --save-torrent "$work/linked.torrent"
show diff -r Samples/multi "$work/linked/multi"
show p2p-peer verify "$work/linked.torrent" --dir "$work/linked"

printf '\nThe same, byte for byte.\n'
