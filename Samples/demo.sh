#!/usr/bin/env bash
# Shows the suite at work on this machine: shares Samples/multi and gets it by the URL that is printed; then the same in
# steps, with a tracker, a torrent, a seed and a leech; then from a magnet link alone. Each command is shown as it runs.
# Ends with 0 if all folders are the same.
#
# Builds first, unless P2P_BIN names a folder with p2p-tracker and p2p-peer.
set -euo pipefail
cd "$(dirname "$0")/.."
. Samples/stage.sh

# Shows a command, then runs it.
show() { printf '\n$ %s\n' "$*"; "$@"; }

# One command on each side.
start sharer p2p-peer share Samples/multi --once --tracker 127.0.0.1:0 --json
await sharer '"sharing"'
url=$(sed -n 's/.*"url":\["\([^"]*\)".*/\1/p' "$work/sharer.log" | awk 'NR == 1')
show p2p-peer get "$url" --dir "$work/shared"
show diff -r Samples/multi "$work/shared/multi"
await sharer '"has_everything"'

# The same in steps.
start_tracker
show p2p-peer make Samples/multi --announce "http://127.0.0.1:$port/announce" --output "$work/multi.torrent"
show p2p-peer show "$work/multi.torrent"
start seeder p2p-peer seed "$work/multi.torrent" --dir Samples --json
await seeder '"seeding"'

mkdir "$work/downloads"
show p2p-peer leech "$work/multi.torrent" --dir "$work/downloads" --exit-when-done
show p2p-peer verify "$work/multi.torrent" --dir "$work/downloads"
show diff -r Samples/multi "$work/downloads/multi"

link=$(p2p-peer magnet "$work/multi.torrent")
show p2p-peer get "$link" --dir "$work/linked" --save-torrent "$work/linked.torrent"
show diff -r Samples/multi "$work/linked/multi"
show p2p-peer verify "$work/linked.torrent" --dir "$work/linked"

printf '\nThe same, byte for byte.\n'
