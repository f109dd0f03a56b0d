# What the samples share: a folder of their own that is gone at the end, with the programs that they have started.
# Sourced from within the folder above. Builds first, unless P2P_BIN names a folder with p2p-tracker and p2p-peer.

sample=$(basename "$0" .sh)
work=$(mktemp -d "${TMPDIR:-/tmp}/p2p-$sample.XXXXXX")
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

if [ -n "${P2P_BIN:-}" ]; then
    PATH=$P2P_BIN:$PATH
else
    swift build -c release
    PATH=$(swift build -c release --show-bin-path):$PATH
fi
# It is between these few: nobody around hears of it, and nothing of the user's is read or kept.
export P2P_CONFIG= XDG_STATE_HOME=$work/state P2P_NO_LSD=yes P2P_NO_DHT=yes

# Shows a command of somebody and runs it in the background; what it says goes to a file named after who it is.
start() {
    local who=$1
    shift
    printf '\n[%s] $ %s &\n' "$who" "${*//$work\//}"
    XDG_STATE_HOME=$work/state-$who timeout 120 "$@" >"$work/$who.log" 2>&1 &
    running+=($!)
}

# Waits until a line with these words is among what somebody says, for 30 seconds at most.
await() {
    local who=$1 words=$2
    for _ in $(seq 300); do
        if grep -q -- "$words" "$work/$who.log" 2>/dev/null; then return; fi
        sleep 0.1
    done
    echo "$sample: waited in vain for \"$words\" of $who" >&2
    cat "$work/$who.log" >&2
    return 1
}

# Starts a tracker, and puts the port at which it listens into `port`.
start_tracker() {
    start tracker p2p-tracker --bind 127.0.0.1 --port 0 --json
    await tracker '"listening"'
    port=$(sed -n 's/.*"listening".*"port":\([0-9]*\).*/\1/p' "$work/tracker.log" | awk 'NR == 1')
}
