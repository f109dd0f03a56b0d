// What a client reads in a tracker's HTTP answer (BEP 3, 7, 23, 24, 31).

extension AnnounceResponse {
    /// Peers that are taken of one answer; further ones are left out.
    public static let peerLimit = 10_000

    /// Reads an answer to an announce. Bytes after it are let pass, for some trackers end with a line break; peers
    /// whose `ip` is a name or whose port is 0 are left out.
    ///
    /// Throws `.refused` if the tracker gave a failure reason.
    public init(bencode bytes: [UInt8]) throws(TrackerResponseError) {
        let root = try TrackerFailure.checkedRoot(of: bytes)
        guard let interval = root["interval"] else { throw .missing(.interval) }
        guard let seconds = interval.seconds else { throw .malformed(.interval) }
        self.init(interval: seconds)
        minInterval = root["min interval"]?.seconds
        complete = root["complete"]?.count(atLeast: 0)
        incomplete = root["incomplete"]?.count(atLeast: 0)
        downloaded = root["downloaded"]?.count(atLeast: 0)
        warning = root["warning message"]?.shortText
        if let identifier = root["tracker id"]?.string, identifier.count <= TrackerFailure.reasonLimit {
            trackerID = identifier
        }
        if let address = root["external ip"]?.string {
            guard let address = address.withBytes({ IPAddress($0) }) else { throw .malformed(.externalIP) }
            externalAddress = address
        }
        try readPeers(root)
    }

    private mutating func readPeers(_ root: BencodeNode) throws(TrackerResponseError) {
        let (list, list6) = (root["peers"], root["peers6"])
        guard list != nil || list6 != nil else { throw .missing(.peers) }
        if let list, let packed = list.string {
            try readPacked(packed, stride: 6, .peers)
        } else if let list {
            guard let dictionaries = list.list else { throw .malformed(.peers) }
            for peer in dictionaries where peers.count < Self.peerLimit {
                guard let host = peer["ip"]?.text, let port = peer["port"]?.integer else { throw .malformed(.peers) }
                if let address = IPAddress(host), port > 0, port <= UInt16.max {
                    peers.append(Endpoint(address, port: UInt16(truncatingIfNeeded: port)))
                }
            }
        }
        if let list6 {
            // Some trackers write an empty list where they have none.
            guard let packed = list6.string ?? (list6.list?.count == 0 ? [] : nil) else { throw .malformed(.peers6) }
            try readPacked(packed, stride: 18, .peers6)
        }
    }

    private mutating func readPacked(
        _ packed: [UInt8], stride: Int, _ field: TrackerResponseError.Field
    ) throws(TrackerResponseError) {
        guard packed.count.isMultiple(of: stride) else { throw .malformed(field) }
        packed.withBytes { bytes in appendPeers(packed: bytes, stride: stride) }
    }

    /// Appends peers of `stride` bytes each, 6 or 18; those with port 0 and bytes that fill no peer are left out.
    mutating func appendPeers(packed bytes: RawSpan, stride: Int) {
        for offset in Swift.stride(from: 0, to: bytes.byteCount - stride + 1, by: stride) {
            guard peers.count < Self.peerLimit else { return }
            if let peer = Endpoint(compact: bytes.extracting(offset..<offset + stride)), peer.port != 0 {
                peers.append(peer)
            }
        }
    }
}

extension ScrapeResponse {
    /// Reads an answer to a scrape. Counts that are missing or negative are 0, as real trackers leave some out.
    ///
    /// Throws `.refused` if the tracker gave a failure reason.
    public init(bencode bytes: [UInt8]) throws(TrackerResponseError) {
        let root = try TrackerFailure.checkedRoot(of: bytes)
        guard let dictionary = root["files"] else { throw .missing(.files) }
        guard dictionary.kind == .dictionary else { throw .malformed(.files) }
        var files: [File] = []
        var malformed: TrackerResponseError?
        dictionary.forEachPair { key, value in
            guard let hash = key.string, hash.count == 20, let hash = Bytes20(hash), value.kind == .dictionary else {
                malformed = .malformed(.infoHash)
                return
            }
            let counts = ScrapeCounts(
                complete: value["complete"]?.count(atLeast: 0) ?? 0,
                incomplete: value["incomplete"]?.count(atLeast: 0) ?? 0,
                downloaded: value["downloaded"]?.count(atLeast: 0) ?? 0)
            files.append(File(InfoHash(hash), counts))
        }
        if let malformed { throw malformed }
        self.init(files: files)
    }
}

extension TrackerFailure {
    /// The dictionary that every answer is; throws if it is none, or if it is a refusal.
    static func checkedRoot(of bytes: [UInt8]) throws(TrackerResponseError) -> BencodeNode {
        let root: BencodeNode
        do throws(BencodeError) {
            root = try BencodeDocument(bytes, limits: .trackerAnswer, allowsTrailing: true).root
        } catch {
            throw .notBencode(error)
        }
        guard root.kind == .dictionary else { throw .notDictionary }
        // BEP 48 writes the key with an underscore, BEP 3 with a space.
        if let reason = root["failure reason"] ?? root["failure_reason"] {
            guard let text = reason.shortText else { throw .malformed(.failureReason) }
            throw .refused(TrackerFailure(reason: text, retry: retry(root["retry in"])))
        }
        return root
    }

    /// Whole minutes as a number or in digits, or the word "never"; anything else is no advice.
    private static func retry(_ node: BencodeNode?) -> Retry? {
        guard let node else { return nil }
        if node.stringEquals("never") { return .never }
        let minutes = node.integer ?? node.text.flatMap { Int64($0) }
        guard let minutes, minutes > 0 else { return nil }
        return .after(.seconds(min(minutes, BencodeNode.longestWait / 60) * 60))
    }
}

extension BencodeLimits {
    /// 2 MiB: ten thousand peers as dictionaries with ids come to about 0.7.
    static let trackerAnswer = BencodeLimits(byteCount: 2 << 20, depth: 8, items: 1 << 18)
}

extension BencodeNode {
    /// Seconds that a tracker may make us wait at most: a day.
    fileprivate static let longestWait: Int64 = 86_400

    /// A duration of at least a second; nil if it is no positive number.
    fileprivate var seconds: Duration? {
        guard let integer, integer > 0 else { return nil }
        return .seconds(min(integer, Self.longestWait))
    }

    fileprivate func count(atLeast least: Int64) -> Int? {
        guard let integer, integer >= least else { return nil }
        return Int(integer)
    }

    /// Text for people, cut to a bearable length.
    fileprivate var shortText: String? {
        guard let string else { return nil }
        return String(decoding: string.prefix(TrackerFailure.reasonLimit), as: UTF8.self)
    }
}
