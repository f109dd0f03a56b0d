internal import ByteStrings
internal import CommandLineKit
internal import PeerRuntime
internal import Synchronization
internal import TorrentCore

/// The numbers by which people call the torrents of a console: given in order, and never to another one.
final class ConsoleTorrents: Sendable {
    private let node: PeerNode
    private let state = Mutex(State())

    private struct State {
        var numbers: [(number: Int, infoHash: InfoHash)] = []
        var last = 0
    }

    init(_ node: PeerNode) { self.node = node }

    /// The number of a torrent; a new one for one that has none.
    @discardableResult
    func number(of infoHash: InfoHash) -> Int {
        state.withLock { state in
            if let known = state.numbers.first(where: { $0.infoHash == infoHash }) { return known.number }
            state.last += 1
            state.numbers.append((state.last, infoHash))
            return state.last
        }
    }

    /// All that the node has, in the order of their numbers.
    var all: [(number: Int, status: TorrentStatus)] {
        node.torrents.map { (number(of: $0.infoHash), $0) }.sorted { $0.0 < $1.0 }
    }

    /// It has failed, or is not here.
    func hasEnded(_ infoHash: InfoHash) -> Bool {
        do throws(NodeError) { return try node.status(of: infoHash).hasEnded } catch { return true }
    }

    /// The torrent that `word` means: its number, its name or the beginning of it, or that of its info hash.
    func find(_ word: ByteString) throws(CommandError) -> TorrentStatus {
        let all = all
        if let number = word.text.flatMap({ Int($0) }), let found = all.first(where: { $0.number == number }) {
            return found.status
        }
        if let found = all.first(where: { ByteString($0.status.name) == word }) { return found.status }
        let begun = all.filter { torrent in
            torrent.status.name.utf8.starts(with: word.bytes)
                || word.bytes.count >= 6 && torrent.status.infoHash.description.utf8.starts(with: word.bytes)
        }
        if begun.count == 1 { return begun[0].status }
        if all.isEmpty { throw CommandError(.notFound, "there is no torrent here yet; upload, download or seed one") }
        guard begun.isEmpty else {
            throw CommandError(.usage, "\"\(word)\" is the beginning of several names; status shows their numbers")
        }
        throw CommandError(.notFound, "\"\(word)\" is no torrent of this console; status shows them")
    }
}
