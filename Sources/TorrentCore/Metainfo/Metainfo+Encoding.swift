extension Metainfo {
    /// A .torrent file of it (BEP 3): the info dictionary byte for byte, and beside it what is known.
    public var encoded: [UInt8] {
        var root = BencodeDictionary()
        let first = announce ?? trackerTiers.first?.first
        if let first { root["announce"] = .text(first) }
        if !trackerTiers.isEmpty, trackerTiers != first.map({ [[$0]] }) {
            root["announce-list"] = .list(trackerTiers.map { .list($0.map { .text($0) }) })
        }
        if let comment { root["comment"] = .text(comment) }
        if let createdBy { root["created by"] = .text(createdBy) }
        if let creationDate { root["creation date"] = .integer(creationDate) }
        if !httpSeeds.isEmpty { root["httpseeds"] = .list(httpSeeds.map { .text($0) }) }
        if !nodes.isEmpty { root["nodes"] = .list(nodes.map { .list([.text($0.host), .integer(Int64($0.port))]) }) }
        if !webSeeds.isEmpty { root["url-list"] = .list(webSeeds.map { .text($0) }) }
        var bytes: [UInt8] = [UInt8(ascii: "d")]
        var isWritten = false
        let info = Array("info".utf8)
        func append(_ key: [UInt8], _ value: [UInt8]) {
            BencodeValue.string(key).encode(into: &bytes)
            bytes += value
        }
        for pair in root.pairs {
            if !isWritten, info.lexicographicallyPrecedes(pair.key) {
                append(info, infoBytes)
                isWritten = true
            }
            append(pair.key, pair.value.encoded)
        }
        if !isWritten { append(info, infoBytes) }
        return bytes + [UInt8(ascii: "e")]
    }
}
