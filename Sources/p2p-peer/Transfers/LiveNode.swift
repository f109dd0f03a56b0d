internal import ByteStrings
internal import CommandLineKit
internal import Glibc
internal import PeerEvents
internal import PeerRuntime
internal import TorrentCore
internal import TorrentIO

// What all commands do that run a node until it is done or somebody ends it.

extension PeerNode {
    /// Takes a torrent in.
    func take(_ source: TorrentSource, in folder: ByteString, as role: PeerRole) throws(PeerFailure) {
        do throws(NodeError) { try add(source, folder: folder, role: role) } catch { throw error.failure }
    }

    /// Waits for its end. `begun` is called once it runs; `hurried` says how the process ends where somebody does not
    /// wait for that.
    func run(
        _ view: TransferView, hurried: @escaping @Sendable () -> ExitCode, begun: () -> Void = {}
    ) -> Outcome {
        // Watched before the node starts, since a signal may come as soon as it listens.
        let signals = EndingSignals(
            onEnd: { [self] signal in
                view.noteSignal(signal)
                stop()
            },
            onImpatience: {
                view.end()
                exit(hurried().rawValue)
            })
        start()
        begun()
        let outcome = waitUntilDone()
        signals.cancel()
        return outcome
    }
}

extension CompanionTracker {
    /// A node with these options announces what it has here, or it is said why not.
    func takeIn(_ options: inout PeerOptions, _ output: Output) {
        options.ownTracker = OwnTracker(endpoints, from: options.source)
        guard options.ownTracker == nil else { return }
        sayOutOfReach(output)
    }

    func sayOutOfReach(_ output: Output) {
        output.message("nothing is announced at the tracker here: --listen is of the other family")
    }

    /// From now on `node` hears of newcomers at once.
    func tell(_ node: PeerNode) {
        onNewcomer { [weak node] infoHash, peer, endpoint in node?.announcedHere(endpoint, as: peer, for: infoHash) }
    }
}
