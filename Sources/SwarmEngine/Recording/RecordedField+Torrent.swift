import TorrentCore

// How torrents, addresses and messages of peers are written in a recording.

/// A piece by its number.
extension PieceIndex: RecordedField {
    func write(to line: inout RecordedLine) { number.write(to: &line) }

    static func read(from words: inout RecordedWords) throws(RecordedWords.Damage) -> PieceIndex {
        let geometry = words.geometry
        return try words.word("a piece of the torrent") { UInt32($0).flatMap { geometry.piece(at: $0) } }
    }
}

/// piece:begin+length, all in numbers.
extension WireBlock: RecordedField {
    func write(to line: inout RecordedLine) { line.add(word: "\(piece):\(begin)+\(length)") }

    static func read(from words: inout RecordedWords) throws(RecordedWords.Damage) -> WireBlock {
        try words.word("a block") { word in
            guard let colon = word.firstIndex(of: ":"), let plus = word.lastIndex(of: "+"), colon < plus,
                let piece = UInt32(word[..<colon]), let begin = UInt32(word[word.index(after: colon)..<plus]),
                let length = UInt32(word[word.index(after: plus)...])
            else { return nil }
            return WireBlock(piece: piece, begin: begin, length: length)
        }
    }
}

extension BlockRequest: RecordedField {
    func write(to line: inout RecordedLine) { onWire.write(to: &line) }

    static func read(from words: inout RecordedWords) throws(RecordedWords.Damage) -> BlockRequest {
        guard let block = words.geometry.block(try words.next()) else {
            throw RecordedWords.Damage(expected: "a block of the torrent")
        }
        return block
    }
}

extension IPAddress: RecordedField {
    func write(to line: inout RecordedLine) { line.add(word: description) }

    static func read(from words: inout RecordedWords) throws(RecordedWords.Damage) -> IPAddress {
        try words.word("an address") { IPAddress($0) }
    }
}

extension Endpoint: RecordedField {
    func write(to line: inout RecordedLine) { line.add(word: description) }

    static func read(from words: inout RecordedWords) throws(RecordedWords.Damage) -> Endpoint {
        try words.word("an address and a port") { Endpoint($0) }
    }
}

extension InterfaceAddress: RecordedField {
    func write(to line: inout RecordedLine) { line.add(word: description) }

    static func read(from words: inout RecordedWords) throws(RecordedWords.Damage) -> InterfaceAddress {
        try words.word("an address with the length of its network") { InterfaceAddress($0) }
    }
}

/// Info hash, peer id and reserved bits.
extension Handshake: RecordedField {
    func write(to line: inout RecordedLine) {
        line.add(word: infoHash.hex)
        line.add(word: peerID.hex)
        RecordedWord64(bits: reserved.rawValue).write(to: &line)
    }

    static func read(from words: inout RecordedWords) throws(RecordedWords.Damage) -> Handshake {
        let infoHash = try words.word("an info hash") { InfoHash(hex: $0) }
        let peerID = try words.word("a peer id") { PeerID(hex: $0) }
        let reserved: RecordedWord64 = try words.next()
        return Handshake(infoHash: infoHash, peerID: peerID, reserved: ReservedBits(rawValue: reserved.bits))
    }
}

extension PeerMessage: RecordedField {
    func write(to line: inout RecordedLine) {
        switch self {
        case .keepAlive: line.add(word: "keep-alive")
        case .choke: line.add(word: "choke")
        case .unchoke: line.add(word: "unchoke")
        case .interested: line.add(word: "interested")
        case .notInterested: line.add(word: "not-interested")
        case .have(let piece): line.add("have", piece)
        case .request(let block): line.add("request", block)
        case .cancel(let block): line.add("cancel", block)
        case .port(let port): line.add("port", port)
        case .haveAll: line.add(word: "have-all")
        case .haveNone: line.add(word: "have-none")
        case .suggest(let piece): line.add("suggest", piece)
        case .reject(let block): line.add("reject", block)
        case .allowedFast(let piece): line.add("allowed-fast", piece)
        }
    }

    static func read(from words: inout RecordedWords) throws(RecordedWords.Damage) -> PeerMessage {
        let expected = "a message"
        switch try words.word(expected) {
        case "keep-alive": return .keepAlive
        case "choke": return .choke
        case "unchoke": return .unchoke
        case "interested": return .interested
        case "not-interested": return .notInterested
        case "have": return .have(try words.next())
        case "request": return .request(try words.next())
        case "cancel": return .cancel(try words.next())
        case "port": return .port(try words.next())
        case "have-all": return .haveAll
        case "have-none": return .haveNone
        case "suggest": return .suggest(try words.next())
        case "reject": return .reject(try words.next())
        case "allowed-fast": return .allowedFast(try words.next())
        default: throw RecordedWords.Damage(expected: expected)
        }
    }
}
