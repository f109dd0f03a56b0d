internal import CommandLineKit
internal import PeerEvents
internal import TorrentCore

/// Messages for people, where many of a kind that follow each other become one line: a piece has hundreds of blocks. A
/// line waits a second at most for more of its kind. Pure.
struct WordRuns {
    /// Kinds of messages of which there are many.
    enum Kind: Equatable {
        case request, cancel, reject, block, have, suggest, allowedFast
    }

    /// A line, and the torrent that it is about.
    typealias Line = (infoHash: InfoHash, text: TerminalText)

    private struct Run {
        let infoHash: InfoHash
        let endpoint: Endpoint
        let isOurs: Bool
        let kind: Kind
        let began: Duration
        /// Blocks of one piece, or pieces as blocks without a length.
        var blocks: [WireBlock]

        /// Whether a message goes on with it.
        func takes(_ word: PeerWord, _ kind: Kind, _ block: WireBlock) -> Bool {
            guard self.kind == kind, blocks.count < WordRuns.longest else { return false }
            return kind.namesPieces || blocks[0].piece == block.piece
        }

        var line: Line {
            let words = MessageWords(isOurs: isOurs)
            let text =
                kind.namesPieces
                ? words.sentence(kind, pieces: blocks.map(\.piece)) : words.sentence(kind, blocks)
            return (infoHash, PeerWords.line(endpoint, isOurs: isOurs, blocks.count == 1 ? single(words) : text))
        }

        private func single(_ words: MessageWords) -> TerminalText {
            switch kind {
            case .request: words.sentence(.message(.request(blocks[0])))
            case .cancel: words.sentence(.message(.cancel(blocks[0])))
            case .reject: words.sentence(.message(.reject(blocks[0])))
            case .block: words.sentence(.block(blocks[0]))
            case .have: words.sentence(.message(.have(blocks[0].piece)))
            case .suggest: words.sentence(.message(.suggest(blocks[0].piece)))
            case .allowedFast: words.sentence(.message(.allowedFast(blocks[0].piece)))
            }
        }
    }

    private static let longestWait = Duration.seconds(1)
    fileprivate static let longest = 4_096
    /// The oldest is told when there are more.
    private static let mostRuns = 512

    /// In the order in which they began: one for each peer and direction.
    private var runs: [Run] = []

    /// Takes a message, and returns the lines that are due before or with it.
    mutating func add(_ word: PeerWord, of infoHash: InfoHash, at now: Duration) -> [Line] {
        var lines = due(at: now)
        guard let (kind, block) = Kind.of(word.kind) else {
            // What was said before it stands before it.
            lines += take { $0.endpoint == word.endpoint && $0.infoHash == infoHash }
            return lines + [(infoHash, PeerWords.line(word))]
        }
        let place = runs.firstIndex {
            $0.endpoint == word.endpoint && $0.isOurs == word.isOurs && $0.infoHash == infoHash
        }
        if let place, runs[place].takes(word, kind, block) {
            runs[place].blocks.append(block)
            return lines
        }
        if let place { lines.append(runs.remove(at: place).line) }
        if runs.count == Self.mostRuns { lines.append(runs.removeFirst().line) }
        runs.append(
            Run(
                infoHash: infoHash, endpoint: word.endpoint, isOurs: word.isOurs, kind: kind, began: now,
                blocks: [block]))
        return lines
    }

    /// When a line will have waited long enough.
    var nextDue: Duration? { runs.first.map { $0.began + Self.longestWait } }

    /// The lines that have waited long enough.
    mutating func due(at now: Duration) -> [Line] { take { now - $0.began >= Self.longestWait } }

    /// All that is known of messages with this peer.
    mutating func all(with endpoint: Endpoint) -> [Line] { take { $0.endpoint == endpoint } }

    /// All lines.
    mutating func all() -> [Line] { take { _ in true } }

    private mutating func take(_ isDue: (Run) -> Bool) -> [Line] {
        guard runs.contains(where: isDue) else { return [] }
        let lines = runs.filter(isDue).map(\.line)
        runs.removeAll(where: isDue)
        return lines
    }
}

extension WordRuns.Kind {
    /// Nil for a message that has a line of its own.
    fileprivate static func of(_ kind: PeerWord.Kind) -> (kind: WordRuns.Kind, block: WireBlock)? {
        func piece(_ piece: UInt32) -> WireBlock { WireBlock(piece: piece, begin: 0, length: 0) }
        return switch kind {
        case .block(let block): (.block, block)
        case .message(.request(let block)): (.request, block)
        case .message(.cancel(let block)): (.cancel, block)
        case .message(.reject(let block)): (.reject, block)
        case .message(.have(let number)): (.have, piece(number))
        case .message(.suggest(let number)): (.suggest, piece(number))
        case .message(.allowedFast(let number)): (.allowedFast, piece(number))
        default: nil
        }
    }

    fileprivate var namesPieces: Bool { self == .have || self == .suggest || self == .allowedFast }
}
