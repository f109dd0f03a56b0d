// A tracker's HTTP answers as bencode (BEP 3, 7, 23, 24, 31, 48), written directly, keys in order.

extension PackedAnnounceResponse {
    /// Appends the answer, its peers packed or, if not `compact`, as dictionaries, with each `peer id` that is known.
    public func appendBencode(compact: Bool, to output: inout [UInt8]) {
        output.append(ascii: "d8:completei")
        output.append(decimal: complete)
        output.append(ascii: "e10:downloadedi")
        output.append(decimal: downloaded)
        output.append(ascii: "e")
        if let externalAddress {
            output.append(ascii: externalAddress.isV4 ? "11:external ip4:" : "11:external ip16:")
            externalAddress.append(to: &output)
        }
        output.append(ascii: "10:incompletei")
        output.append(decimal: incomplete)
        output.append(ascii: "e8:intervali")
        output.append(decimal: interval)
        output.append(ascii: "e12:min intervali")
        output.append(decimal: minInterval)
        output.append(ascii: "e5:peers")
        if compact { appendPacked(to: &output) } else { appendDictionaries(to: &output) }
        output.append(ascii: "e")
    }

    private func appendPacked(to output: inout [UInt8]) {
        output.append(string: peers)
        guard !peers6.isEmpty else { return }
        output.append(ascii: "6:peers6")
        output.append(string: peers6)
    }

    private func appendDictionaries(to output: inout [UInt8]) {
        output.append(ascii: "l")
        var ids = peerIDs[...]
        forEachPeer { peer in
            output.append(ascii: "d2:ip")
            output.append(string: Array(peer.address.description.utf8))
            if let id = ids.popFirst() ?? nil {
                output.append(ascii: "7:peer id20:")
                id.bytes.append(to: &output)
            }
            output.append(ascii: "4:porti")
            output.append(decimal: peer.port)
            output.append(ascii: "ee")
        }
        output.append(ascii: "e")
    }
}

extension ScrapeResponse {
    /// Appends the answer: ascending info hashes, each once.
    public func appendBencode(to output: inout [UInt8]) {
        output.append(ascii: "d5:filesd")
        var last: InfoHash?
        for torrent in torrents.sorted(by: { $0.infoHash < $1.infoHash }) where torrent.infoHash != last {
            last = torrent.infoHash
            output.append(ascii: "20:")
            torrent.infoHash.bytes.append(to: &output)
            output.append(ascii: "d8:completei")
            output.append(decimal: torrent.counts.complete)
            output.append(ascii: "e10:downloadedi")
            output.append(decimal: torrent.counts.downloaded)
            output.append(ascii: "e10:incompletei")
            output.append(decimal: torrent.counts.incomplete)
            output.append(ascii: "ee")
        }
        output.append(ascii: "ee")
    }
}

extension TrackerFailure {
    /// Appends the refusal.
    public func appendBencode(to output: inout [UInt8]) {
        output.append(ascii: "d14:failure reason")
        output.append(string: Array(reason.utf8))
        switch retry {
        case nil: break
        case .never: output.append(ascii: "8:retry in5:never")
        case .after(let wait):
            output.append(ascii: "8:retry ini")
            output.append(decimal: max(1, (wait.components.seconds + 59) / 60))
            output.append(ascii: "e")
        }
        output.append(ascii: "e")
    }
}

extension [UInt8] {
    /// Adds a bencoded string.
    fileprivate mutating func append(string bytes: [UInt8]) {
        append(decimal: bytes.count)
        append(UInt8(ascii: ":"))
        append(contentsOf: bytes)
    }
}
