import HTTPService

/// An answer that a worker is still busy with. Lives on the reactor of the connection.
final class PendingAnswer: HTTPBodySource {
    private var bytes: [UInt8]?
    private var sent = 0
    private var outlet: HTTPOutlet?

    /// The whole of it, head included.
    func complete(_ bytes: [UInt8]) {
        self.bytes = bytes
        outlet?.resume()
    }

    func begin(_ outlet: HTTPOutlet) { self.outlet = outlet }

    func next(into piece: inout [UInt8], room: Int) -> HTTPBodyStep {
        guard let bytes else { return .later }
        let end = min(bytes.count, sent + room)
        piece += bytes[sent..<end]
        sent = end
        return sent == bytes.count ? .end : .more
    }

    func ended(_ end: HTTPStreamEnd) { outlet = nil }
}

/// A body that is there whole and leaves piece by piece, so that who reads slowly holds no copy of it.
final class WholeBody: HTTPBodySource {
    private let bytes: [UInt8]
    private var sent = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    func begin(_ outlet: HTTPOutlet) {}

    func next(into piece: inout [UInt8], room: Int) -> HTTPBodyStep {
        let end = min(bytes.count, sent + room)
        piece += bytes[sent..<end]
        sent = end
        return sent == bytes.count ? .end : .more
    }

    func ended(_ end: HTTPStreamEnd) {}
}
