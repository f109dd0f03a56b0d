/// Decodes a chunked body (RFC 9112, 7.1), in whatever parts it arrives.
public struct ChunkedDecoder: Sendable {
    private enum State: Hashable, Sendable {
        /// In the line with the length of the next chunk: in the number, or in the extension after it.
        case size(digits: Int), sizeExtension
        case data
        /// The line break behind a chunk.
        case dataEnd
        /// In a trailer line that has `length` bytes so far.
        case trailer(length: Int)
        case finished
    }

    private var state = State.size(digits: 0)
    private var remaining = 0
    private var overhead = 0

    /// Most bytes of chunk lines and trailers.
    static let overheadLimit = 65_536

    public init() {}

    public var isFinished: Bool { state == .finished }

    /// Appends what `bytes` holds of the body to `output`; returns how many bytes were taken, fewer than all only at
    /// the end of the body. It may have `room` bytes more of the `limit` that it has as a whole.
    public mutating func decode(
        _ bytes: RawSpan, into output: inout [UInt8], room: Int, limit: Int
    ) throws(HTTPError) -> Int {
        let end = output.count + room
        var position = 0
        while position < bytes.byteCount, state != .finished {
            if state == .data {
                let count = min(remaining, bytes.byteCount - position)
                guard output.count + count <= end else { throw .bodyTooLong(limit: limit) }
                output += bytes.array(position..<position + count)
                position += count
                remaining -= count
                if remaining == 0 { state = .dataEnd }
            } else {
                overhead += 1
                guard overhead <= Self.overheadLimit else { throw .malformedChunk }
                try take(bytes.uint8(at: position))
                position += 1
            }
        }
        return position
    }

    private mutating func take(_ byte: UInt8) throws(HTTPError) {
        switch state {
        case .size(let digits):
            if let digit = UInt8(hexDigit: byte) {
                guard digits < 8 else { throw .malformedChunk }
                remaining = remaining << 4 | Int(digit)
                state = .size(digits: digits + 1)
            } else {
                guard digits > 0, byte == UInt8(ascii: ";") || byte.isBlank || byte.isLineBreak else {
                    throw .malformedChunk
                }
                if byte == UInt8(ascii: "\n") { beginChunk() } else { state = .sizeExtension }
            }
        case .sizeExtension:
            if byte == UInt8(ascii: "\n") { beginChunk() }
        case .dataEnd:
            guard byte.isLineBreak else { throw .malformedChunk }
            if byte == UInt8(ascii: "\n") { state = .size(digits: 0) }
        case .trailer(let length):
            switch byte {
            case UInt8(ascii: "\n"): state = length == 0 ? .finished : .trailer(length: 0)
            case UInt8(ascii: "\r"): break
            default: state = .trailer(length: length + 1)
            }
        case .data, .finished: break
        }
    }

    /// A chunk of no bytes is the last.
    private mutating func beginChunk() {
        state = remaining == 0 ? .trailer(length: 0) : .data
    }
}

extension UInt8 {
    fileprivate var isLineBreak: Bool { self == UInt8(ascii: "\n") || self == UInt8(ascii: "\r") }
}
