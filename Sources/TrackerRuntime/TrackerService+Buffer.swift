import Synchronization
import TorrentIO

// All connections read into one buffer: it holds nothing between two events.
extension TrackerService {
    /// Bytes that are read at once.
    static let receiveBytes = 16_384

    /// Reads what has come; nil if nothing has, 0 at the end.
    func receive(_ descriptor: Descriptor) throws(SystemError) -> Int? {
        let count = try descriptor.receive(into: receiveBuffer)
        totals.bytesIn += UInt64(count ?? 0)
        return count
    }

    /// Lends the first `count` bytes of what was read.
    func withReceived<Result>(_ count: Int, _ body: (RawSpan) -> Result) -> Result {
        body(RawSpan(_unsafeBytes: UnsafeRawBufferPointer(rebasing: receiveBuffer[..<count])))
    }

    /// A copy of a part of what was read.
    func received(_ range: Range<Int>) -> [UInt8] { Array(receiveBuffer[range]) }

    /// False when connections run short: then none is kept open for what might come.
    var hasRoomForIdle: Bool {
        shared.connections.load(ordering: .relaxed) < shared.connectionLimit / 4 * 3
    }
}
