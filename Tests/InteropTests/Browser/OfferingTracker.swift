import TestSupport

/// A tracker of ours with torrents in its catalogue that nobody has.
struct OfferingTracker {
    /// Names that would do something if anybody took them for more than text.
    static let hostile = [
        "<script>window.hacked = 1</script>", "\"><img src=x onerror=\"window.hacked = 1; alert(1)\">",
        "' onmouseover='alert(1)' x='", "</title></template><iframe srcdoc=x>", "\u{202E}gpj.exe \u{1B}[31m",
        "javascript:alert(1)", String(repeating: "W", count: 500),
    ]

    let process: RunningProcess
    let port: Int
    /// Of the torrents, in the order of their numbers.
    private(set) var infoHashes: [String] = []

    var url: String { "http://127.0.0.1:\(port)" }

    /// With `count` torrents; some of them have hostile names, the last one a plain one.
    init(_ stage: Stage, torrents count: Int) async throws {
        process = try stage.start(
            Executables.tracker, ["--port", "0", "--bind", "127.0.0.1", "--json"], name: "tracker of \(count)")
        port = try await process.waitForEvent("listening").port ?? 0
        for number in 0..<count {
            let isHostile = number < Self.hostile.count && number < count - 1
            try publish(isHostile ? Self.hostile[number] : "plain lecture \(number + 1)", bytes: 20_000 + number)
        }
    }

    /// As `p2p-peer publish` does it.
    mutating func publish(_ name: String, bytes: Int) throws {
        let pieces = [UInt8](repeating: 7, count: 20 * ((bytes + 16_383) / 16_384))
        let info: Bencoded = [
            "files": [["length": .integer(bytes), "path": [.text("<b>" + name.filter { $0 != "/" })]]],
            "name": .text(name.replacing("/", with: "|")), "piece length": 16_384, "pieces": .bytes(pieces),
        ]
        let torrent = Bencoded.dictionary([("info", info)]).encoded
        let connection = try LoopbackConnection(connectingTo: port)
        connection.send(
            Array(
                """
                POST /torrents HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nContent-Type: application/x-bittorrent\r
                Content-Length: \(torrent.count)\r\nConnection: close\r\n\r\n
                """.utf8) + torrent)
        let head = connection.receiveHead()
        guard head.contains(" 201 ") else { throw TestFailure("\(name) was not published: \(head)") }
        let answer = String(decoding: connection.receiveToEnd(), as: UTF8.self)
        guard let found = answer.firstMatch(of: #/"infohash":"([0-9a-f]{40})"/#) else {
            throw TestFailure("no info hash: \(answer)")
        }
        infoHashes.append(String(found.1))
    }

    /// A seeder of the torrent with this number comes.
    func seed(_ number: Int, as name: String) throws {
        let hash = HTTPProbe.escaped(infoHashes[number - 1])
        let query = "info_hash=\(hash)&peer_id=-XX0001-000000000001&port=7001&left=0&event=started&name=\(name)"
        let answer = try HTTPProbe.get("/announce?\(query)", port: port)
        guard answer.text.contains("complete") else { throw TestFailure("no announce: \(answer.text)") }
    }
}
