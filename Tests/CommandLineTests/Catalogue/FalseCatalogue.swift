import TestSupport

/// A server that says what a test lets it say, in place of a tracker with a catalogue.
struct FalseCatalogue {
    private let server: LoopbackServer
    var url: String { "http://127.0.0.1:\(server.port)" }

    /// `answer` is given the target that is asked for.
    init(_ answer: @escaping @Sendable (_ target: String, LoopbackConnection) -> Void) throws {
        server = try LoopbackServer { connection in
            let head = connection.receiveHead()
            let target = head.split(separator: " ").dropFirst().first.map(String.init) ?? ""
            answer(target, connection)
        }
    }

    /// Says the same to everything.
    init(_ answer: [UInt8]) throws {
        try self.init { _, connection in connection.send(answer) }
    }

    /// A list of one torrent, and `torrent` as its .torrent.
    init(listing infoHash: String, name: String, torrent: [UInt8]) throws {
        try self.init { target, connection in
            let entry =
                "{\"number\":1,\"infohash\":\"\(infoHash)\",\"name\":\"\(name)\",\"length\":5,\"files\":1,"
                + "\"seeders\":1,\"seeds\":[\"\(name)\"]}"
            let isFile = target.hasSuffix(".torrent")
            let list = target.hasSuffix(".json") ? entry : "{\"torrents\":[\(entry)],\"total\":1}"
            connection.send(Self.answer(isFile ? torrent : Array(list.utf8)))
        }
    }

    static func answer(_ body: [UInt8], status: String = "200 OK", fields: [String] = []) -> [UInt8] {
        let head = ["HTTP/1.1 \(status)", "Content-Length: \(body.count)"] + fields
        return Array((head.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body
    }
}
