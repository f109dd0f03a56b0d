#!/usr/bin/env bash
# A walk for a class: what would stand in several terminals, in one, with each command and what came of it. First a
# tracker, a seeder and two leechers; then no tracker, a magnet link, and peers that tell each other of others. The page
# "Class" of the documentation says what happens at each step. All of it stays on this machine, on 127.0.0.1, and takes
# less than a minute. Ends with 0 if every copy is the same, byte for byte.
#
# Builds first, unless P2P_BIN names a folder with p2p-tracker and p2p-peer.
set -euo pipefail
cd "$(dirname "$0")/.."
. Samples/stage.sh
export LC_ALL=C

title() { printf '\n\n== %s\n' "$*"; }
say() { printf '\n%s\n' "$*"; }

# Shows a command of somebody, then runs it, for a minute at most.
show() {
    local who=$1
    shift
    printf '\n[%s] $ %s\n' "$who" "${*//$work\//}"
    timeout 60 "$@" 2>&1 | sed "s|$work/||g; s/^/[$who] /"
}

# The first lines with these words of what somebody says, so many at the most.
quote() {
    local who=$1 words=$2 most=$3
    grep -E -- "$words" "$work/$who.log" | sed "s|$work/||g; s/^/[$who] /" | awk -v most="$most" 'NR <= most' || true
}

# The port at which somebody listens.
port_of() { sed -n 's/.*listening on 127\.0\.0\.1:\([0-9]*\).*/\1/p' "$work/$1.log" | awk 'NR == 1'; }

# Ends somebody in good order, and waits for it.
end() {
    kill "$1" 2>/dev/null || true
    wait "$1" 2>/dev/null || true
}

title "1. Something to share, and the file that describes it"
mkdir "$work/shelf"
head -c 6000000 /dev/urandom >"$work/shelf/lecture"

title "2. A tracker: it knows who is there, and never sees the content"
start_tracker
tracker=${running[-1]}
show seeder p2p-peer make "$work/shelf/lecture" --announce "http://127.0.0.1:$port/announce" --piece-length 64K \
    --output "$work/lecture.torrent"

title "3. A seeder, which has all of it"
start seeder p2p-peer seed "$work/lecture.torrent" --dir "$work/shelf" --listen 127.0.0.1:0 --upload-limit 500K -vv
seeder=${running[-1]}
await seeder 'names .* and is asked again'

title "4. Two leechers, which begin with nothing and trade what they get"
start alice p2p-peer get "$work/lecture.torrent" --dir "$work/alice" --listen 127.0.0.1:0 --pieces -vv
alice=${running[-1]}
start bob p2p-peer get "$work/lecture.torrent" --dir "$work/bob" --listen 127.0.0.1:0 --pieces -vv
bob=${running[-1]}
wait "$alice" || { cat "$work/alice.log" >&2; exit 1; }
wait "$bob" || { cat "$work/bob.log" >&2; exit 1; }
say "Alice asks the tracker, which names the others:"
quote alice 'tracker .* (is asked|names)' 2
say "She connects, and both sides say who they are and what they have:"
quote alice 'hands|extensions|every piece|no piece|list the pieces|lists the pieces' 6
say "Who wants something says so, waits until it may ask, asks for blocks, and gets them:"
quote alice 'are interested' 1
quote alice 'unchokes us' 1
quote alice 'we ask for piece' 2
quote alice 'it sends piece' 2
say "A piece is shared as soon as its hash is right, and the others hear of it:"
quote alice 'to .*: we have piece' 2
say "The seeder gives to all in turn, since it wants nothing of them:"
quote seeder '(un)?choked 127' 4
say "Those who fetch give to who gives to them, and to others by lot, to see what they give:"
quote alice '(un)?choked 127|stays unchoked' 4
quote bob '(un)?choked 127|stays unchoked' 4
say "How it came out, by peer:"
quote alice 'took .* from' 3
quote alice 'complete:' 1
quote bob 'took .* from' 3
quote bob 'complete:' 1
show class cmp "$work/shelf/lecture" "$work/alice/lecture"
show class cmp "$work/shelf/lecture" "$work/bob/lecture"

title "5. Without the tracker: it is gone, and so is the torrent's file"
end "$tracker"
end "$seeder"
say "The seeder serves again, known to nobody."
link=magnet:?xt=urn:btih:$(p2p-peer show "$work/lecture.torrent" --json | sed -n 's/.*"infohash":"\([0-9a-f]*\)".*/\1/p')
show seeder p2p-peer make "$work/shelf/lecture" --piece-length 64K --output "$work/plain.torrent"
start seeder p2p-peer seed "$work/plain.torrent" --dir "$work/shelf" --listen 127.0.0.1:0 --upload-limit 1500K -v
await seeder 'seeding; Ctrl-C'

title "6. Carol has a link, and the seeder's address; she stays"
start carol p2p-peer leech "$link" --dir "$work/carol" --listen 127.0.0.1:0 --peer "127.0.0.1:$(port_of seeder)" -vv
await carol 'the metadata is there'
say "What a .torrent would say comes from the peer, and is right if its hash is the link's:"
quote carol 'metadata' 4

title "7. Dave has the link too, and knows Carol only: she tells him of the seeder"
start dave p2p-peer get "$link" --dir "$work/dave" --listen 127.0.0.1:0 --peer "127.0.0.1:$(port_of carol)" -vv
dave=${running[-1]}
wait "$dave" || { cat "$work/dave.log" >&2; exit 1; }
await carol 'complete:'
quote dave 'from .* peers? that came' 2
quote dave 'connected' 3
quote dave 'took .* from' 3
show class cmp "$work/shelf/lecture" "$work/carol/lecture"
show class cmp "$work/shelf/lecture" "$work/dave/lecture"

printf '\nFour copies, the same byte for byte.\n'
