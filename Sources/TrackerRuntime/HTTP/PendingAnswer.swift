import HTTPService

/// An answer that a worker is still busy with. Lives on the reactor of the connection.
final class PendingAnswer: HTTPBodySource {
    private var parts: BodyParts?
    private var outlet: HTTPOutlet?

    /// The whole of it, head included.
    func complete(_ bytes: [UInt8]) {
        parts = BodyParts([bytes[...]])
        outlet?.resume()
    }

    func begin(_ outlet: HTTPOutlet) { self.outlet = outlet }

    func next(into piece: inout [UInt8], room: Int) -> HTTPBodyStep {
        parts?.append(to: &piece, room: room) ?? .later
    }

    func ended(_ end: HTTPStreamEnd) { outlet = nil }
}
