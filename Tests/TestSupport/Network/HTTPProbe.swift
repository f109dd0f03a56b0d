/// One HTTP GET on loopback, for asking trackers what they know.
package enum HTTPProbe {
    package struct Answer: Sendable {
        package let status: Int
        package let head: String
        package let body: [UInt8]
        package var text: String { String(decoding: body, as: UTF8.self) }
    }

    package static func get(_ path: String, port: Int, host: String = "127.0.0.1") throws -> Answer {
        let connection = try LoopbackConnection(connectingTo: port, host: host)
        connection.send(Array("GET \(path) HTTP/1.0\r\nHost: \(host)\r\nConnection: close\r\n\r\n".utf8))
        let head = connection.receiveHead()
        let fields = head.split(separator: "\r\n").map { $0.split(separator: ":", maxSplits: 1) }
        let length = fields.first { $0.count == 2 && $0[0].lowercased() == "content-length" }
            .flatMap { Int($0[1].filter(\.isNumber)) }
        let body = length.map { connection.receiveExactly($0) ?? [] } ?? connection.receiveToEnd()
        let status = head.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return Answer(status: status, head: head, body: body)
    }

    /// `%xx` for each byte of a hex info hash.
    package static func escaped(_ infoHash: String) -> String {
        stride(from: 0, to: infoHash.count, by: 2).map {
            "%" + infoHash.dropFirst($0).prefix(2)
        }.joined()
    }

    /// Seeders and leechers that a tracker's scrape names for one torrent, nil while it knows none.
    package static func scrape(_ infoHash: String, port: Int, host: String = "127.0.0.1") -> Counts? {
        guard let answer = try? get("/scrape?info_hash=\(escaped(infoHash))", port: port, host: host) else {
            return nil
        }
        let text = String(decoding: answer.body.map { $0 < 128 ? $0 : 46 }, as: UTF8.self)
        guard let seeders = number("8:complete", in: text), let leechers = number("10:incomplete", in: text) else {
            return nil
        }
        return Counts(seeders: seeders, leechers: leechers, downloads: number("10:downloaded", in: text) ?? 0)
    }

    package struct Counts: Equatable, Sendable {
        package let seeders: Int
        package let leechers: Int
        package let downloads: Int

        package init(seeders: Int, leechers: Int, downloads: Int) {
            self.seeders = seeders
            self.leechers = leechers
            self.downloads = downloads
        }
    }

    private static func number(_ key: String, in text: String) -> Int? {
        guard let range = text.firstRange(of: key + "i") else { return nil }
        return Int(text[range.upperBound...].prefix { $0.isNumber })
    }
}
