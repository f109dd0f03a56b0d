internal import ByteStrings
internal import CommandLineKit
internal import PeerEvents
internal import PeerRuntime
internal import Synchronization
internal import TorrentCore
internal import TorrentIO
internal import TransferReporting

/// Gets what a magnet link leaves out from peers, with a node that does nothing else.
struct MetadataFetch {
    private let options: PeerOptions
    private let timeout: Duration
    private let output: Output

    private static let usualTimeout = Duration.seconds(60)

    init(_ arguments: ParsedArguments, _ output: Output) throws(CommandError) {
        try PollerChoice.check()
        var options = PeerOptions()
        try TransferOptions.setAddresses(of: &options, arguments)
        // Whoever only looks has nothing to give.
        options.dht?.announces = false
        TransferOptions.setDiscovery(of: &options, arguments)
        self.options = options
        timeout = try arguments.value(ShowCommand.timeout, .duration(unit: .seconds(1))) ?? Self.usualTimeout
        self.output = output
    }

    /// Throws if nobody sent it in time, or somebody has ended the waiting.
    func metainfo(of source: TorrentSource) throws(CommandError) -> Metainfo {
        if let kept = source.withKept(in: .ofUser()).metainfo { return kept }
        let view = MetadataView(output)
        let wasInterrupted = Mutex(false)
        do throws(PeerFailure) {
            let node = try PeerNode(options) { view.show($0) }
            do throws(NodeError) { try node.add(source, folder: ".", role: .look) } catch { throw error.failure }
            let signals = EndingSignals(
                onEnd: { _ in
                    wasInterrupted.withLock { $0 = true }
                    node.stop()
                }, onImpatience: {})
            node.start()
            let outcome = node.waitUntilDone(within: timeout)
            signals.cancel()
            view.end()
            if let metainfo = view.metainfo { return metainfo }
            if let failure = outcome.failures.first { throw failure }
        } catch {
            throw CommandError(error.kind.exitCode, "\(error.message)")
        }
        if wasInterrupted.withLock(\.self) { throw CommandError(.interrupted, "interrupted before anybody sent it") }
        let time = HumanUnits.duration(timeout)
        throw CommandError(.unfinished, "nobody sent the metadata within \(time): \(view.whatWasTried)")
    }
}

/// Shows how far the metadata is, and keeps what comes.
private final class MetadataView: Sendable {
    private struct State {
        var metainfo: Metainfo?
        var last: MetadataProgress?
        var peers = 0
    }

    private let output: Output
    private let state = Mutex(State())

    init(_ output: Output) {
        self.output = output
    }

    var metainfo: Metainfo? { state.withLock(\.metainfo) }

    var whatWasTried: String {
        let tried = state.withLock { $0.last?.tried ?? [] }
        return tried.isEmpty ? "it did not come in time" : tried.joined(separator: "; ")
    }

    func show(_ event: PeerEvent) {
        switch event {
        case .metadataComplete(let metainfo): state.withLock { $0.metainfo = metainfo }
        case .progress(let all):
            guard let progress = all.first, let metadata = progress.metadata else { return }
            state.withLock { state in
                state.last = metadata
                state.peers = progress.peers
            }
            let terminal = output.standardError
            guard terminal.isInteractive, !output.isJSON, !output.isQuiet else { return }
            let line = MetadataWords(progress).line
            output.draw([line.cut(to: terminal.columns - 1)], on: terminal)
        case .notice(_, let notice):
            if !output.isJSON { output.message("\(notice.text)", level: notice.isDetail ? 1 : 0) }
        default: break
        }
    }

    /// Takes the live line away.
    func end() { output.endDrawing() }
}
