import TorrentCore

// How what is said under the extension protocol (BEP 10) is written in a recording.

/// A number for each row, in order; a dash where nothing is said of it.
extension ExtensionIDs: RecordedField {
    func write(to line: inout RecordedLine) {
        for row in PeerExtension.allCases { self[row].write(to: &line) }
    }

    static func read(from words: inout RecordedWords) throws(RecordedWords.Damage) -> ExtensionIDs {
        var ids = ExtensionIDs()
        for row in PeerExtension.allCases { ids[row] = try words.next() }
        return ids
    }
}

/// The ids, then port, client, queue length, our address, `isUploadOnly`, `spreads`, size of the metadata, addresses.
extension ExtensionHandshake: RecordedField {
    func write(to line: inout RecordedLine) {
        ids.write(to: &line)
        listenPort.write(to: &line)
        client.map { RecordedBytes($0) }.write(to: &line)
        requestQueue.write(to: &line)
        yourAddress.write(to: &line)
        isUploadOnly.write(to: &line)
        spreads.write(to: &line)
        metadataSize.write(to: &line)
        ipv4.write(to: &line)
        ipv6.write(to: &line)
    }

    static func read(from words: inout RecordedWords) throws(RecordedWords.Damage) -> ExtensionHandshake {
        var handshake = ExtensionHandshake()
        handshake.ids = try words.next()
        handshake.listenPort = try words.next()
        let client: RecordedBytes? = try words.next()
        handshake.client = client?.text
        handshake.requestQueue = try words.next()
        handshake.yourAddress = try words.next()
        handshake.isUploadOnly = try words.next()
        handshake.spreads = try words.next()
        handshake.metadataSize = try words.next()
        handshake.ipv4 = try words.next()
        handshake.ipv6 = try words.next()
        return handshake
    }
}

extension ExtensionMessage: RecordedField {
    func write(to line: inout RecordedLine) {
        switch self {
        case .metadata(let message): line.add("metadata", message)
        case .exchange(let exchange): line.add("exchange", exchange.added, exchange.dropped)
        case .lacks(let piece): line.add("lacks", piece)
        }
    }

    static func read(from words: inout RecordedWords) throws(RecordedWords.Damage) -> ExtensionMessage {
        let expected = "a message of an extension"
        switch try words.word(expected) {
        case "metadata": return .metadata(try words.next())
        case "exchange": return .exchange(PeerExchange(added: try words.next(), dropped: try words.next()))
        case "lacks": return .lacks(try words.next())
        default: throw RecordedWords.Damage(expected: expected)
        }
    }
}

extension MetadataMessage: RecordedField {
    func write(to line: inout RecordedLine) {
        switch self {
        case .request(let piece): line.add("request", piece)
        case .data(let piece, let totalSize, let length): line.add("data", piece, UInt64(totalSize), length)
        case .reject(let piece): line.add("reject", piece)
        case .unknown: line.add(word: "unknown")
        }
    }

    static func read(from words: inout RecordedWords) throws(RecordedWords.Damage) -> MetadataMessage {
        let expected = "a message about metadata"
        switch try words.word(expected) {
        case "request": return .request(piece: try words.next())
        case "data":
            let piece: UInt32 = try words.next()
            let totalSize = try words.word("a size") { Int64($0).flatMap { $0 > 0 ? $0 : nil } }
            return .data(piece: piece, totalSize: totalSize, length: try words.next())
        case "reject": return .reject(piece: try words.next())
        case "unknown": return .unknown
        default: throw RecordedWords.Damage(expected: expected)
        }
    }
}

/// Where it is, and its flags as a number.
extension ExchangedPeer: RecordedField {
    func write(to line: inout RecordedLine) {
        endpoint.write(to: &line)
        flags.rawValue.write(to: &line)
    }

    static func read(from words: inout RecordedWords) throws(RecordedWords.Damage) -> ExchangedPeer {
        let endpoint: Endpoint = try words.next()
        return ExchangedPeer(endpoint, Flags(rawValue: try words.next()))
    }
}

extension ExtensionOutput {
    /// As part of an effect, which is never read.
    func write(to line: inout RecordedLine) {
        switch self {
        case .handshake: line.add(word: "handshake")
        case .exchange: line.add(word: "exchange")
        case .metadataRequest(let piece): line.add("metadata-request", piece)
        case .metadataReject(let piece): line.add("metadata-reject", piece)
        case .metadataData(let piece): line.add("metadata-data", piece)
        case .lacks(let piece): line.add("lacks", piece)
        }
    }
}
