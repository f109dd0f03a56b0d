import TorrentCore

/// A streamed answer under way: what its source gives, framed for the wire.
final class AnswerStream {
    private enum Framing {
        /// Bytes that are still to come.
        case length(Int)
        case chunked
        case toEnd
        /// The source frames it, head and all.
        case bySource
    }

    private let source: any HTTPBodySource
    private var framing: Framing
    /// The source has said that it will have more later.
    var isWaiting = false
    /// What the client sends is looked at meanwhile, if only to see it go.
    var watchesInput = true

    init(_ source: any HTTPBodySource, length: Int?, isHTTP10: Bool) {
        self.source = source
        framing = length.map { .length($0) } ?? (isHTTP10 ? .toEnd : .chunked)
    }

    init(wholeFrom source: any HTTPBodySource) {
        self.source = source
        framing = .bySource
    }

    /// The answer would go on for ever, or nobody knows how long: who closes does not want the rest.
    var isEndless: Bool {
        switch framing {
        case .length, .bySource: false
        case .chunked, .toEnd: true
        }
    }

    /// Appends the next piece to `output`, by way of `piece`, which is empty before and after.
    func append(to output: inout [UInt8], by piece: inout [UInt8]) -> HTTPBodyStep {
        var step = HTTPBodyStep.end
        isWaiting = false
        if case .length(0) = framing {
        } else {
            step = source.next(into: &piece, room: room)
            precondition(piece.count <= room, "a source gives no more than there is room for")
        }
        defer { piece.removeAll(keepingCapacity: true) }
        switch framing {
        case .length(let left):
            output += piece
            framing = .length(left - piece.count)
            if left == piece.count { step = .end } else if step == .end { step = .broken }
        case .chunked:
            if !piece.isEmpty {
                output += String(piece.count, radix: 16).utf8
                output.append(ascii: "\r\n")
                output += piece
                output.append(ascii: "\r\n")
            }
            if step == .end { output.append(ascii: "0\r\n\r\n") }
        case .toEnd, .bySource: output += piece
        }
        if step == .more, piece.isEmpty { step = .later }
        isWaiting = step == .later
        return step
    }

    private var room: Int {
        if case .length(let left) = framing {
            min(left, HTTPStreamedAnswer.pieceBytes)
        } else {
            HTTPStreamedAnswer.pieceBytes
        }
    }

    func finish(_ end: HTTPStreamEnd) { source.ended(end) }
}
