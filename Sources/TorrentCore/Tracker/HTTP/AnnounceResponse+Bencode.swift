// What a client reads in a tracker's HTTP answer (BEP 3, 7, 23, 24, 31).

extension AnnounceResponse {
    /// Reads an answer to an announce. Errors elsewhere in it do not cost its peers: values of the wrong kind are
    /// ignored, numbers are brought into their range, and `oddities` lists both. Peers at port 0 are left out.
    ///
    /// Throws `.refused` if the tracker gave a failure reason, and `.missing(.peers)` if this is no answer at all.
    public init(bencode bytes: [UInt8]) throws(TrackerResponseError) {
        let (root, strayBytes) = try BencodeNode.trackerAnswer(bytes)
        self.init(interval: Self.usualInterval)
        if strayBytes > 0 { oddities.append(.strayBytes(count: strayBytes)) }
        readPeers(root)
        if let failure = TrackerFailure(root) {
            // An empty failure reason beside peers is a habit of some trackers, not a refusal.
            guard failure.reason.isEmpty, !peers.isEmpty || !namedPeers.isEmpty else { throw .refused(failure) }
            oddities.append(.ignored(.failureReason))
        }
        guard Self.expectedFields.contains(where: { root[$0.rawValue] != nil }) else { throw .missing(.peers) }
        if let seconds = hint(.interval, of: root) { interval = seconds }
        minInterval = hint(.minInterval, of: root)
        complete = root["complete"]?.tally
        incomplete = root["incomplete"]?.tally
        downloaded = root["downloaded"]?.tally
        warning = value(.warning, of: root) { $0.shortText }
        if let warning, warning.isEmpty { self.warning = nil }
        trackerID = value(.trackerID, of: root) { $0.shortString } ?? []
        externalAddress = value(.externalIP, of: root) { node in
            node.string.flatMap { $0.withBytes { IPAddress($0) } } ?? node.text.flatMap { IPAddress($0) }
        }
    }

    /// Whether `bytes` are an answer to the last byte, whatever `Content-Length` said.
    public static func isWhole(_ bytes: [UInt8]) -> Bool {
        bytes.last == UInt8(ascii: "e") && (try? BencodeNode.trackerAnswer(bytes)) != nil
    }

    /// Any of these makes a dictionary an answer: a peer that leaves is often told no more than one of them.
    private static let expectedFields: [TrackerResponseError.Field] = [
        .peers, .peers6, .interval, .minInterval, .complete, .incomplete, .warning, .trackerID,
    ]

    private mutating func value<Value>(
        _ field: TrackerResponseError.Field, of root: BencodeNode, _ read: (BencodeNode) -> Value?
    ) -> Value? {
        guard let node = root[field.rawValue] else { return nil }
        let value = read(node)
        if value == nil { oddities.append(.ignored(field)) }
        return value
    }

    /// A wait of a second to a day.
    private mutating func hint(_ field: TrackerResponseError.Field, of root: BencodeNode) -> Duration? {
        guard let number = value(field, of: root, \.number) else { return nil }
        let seconds = min(max(number, 1), BencodeNode.longestWait)
        if seconds != number { oddities.append(.clamped(field)) }
        return .seconds(seconds)
    }
}

extension ScrapeResponse {
    /// Reads an answer to a scrape. Counts that are missing or negative are 0, as real trackers leave some out; entries
    /// that are none are left out.
    ///
    /// Throws `.refused` if the tracker gave a failure reason.
    public init(bencode bytes: [UInt8]) throws(TrackerResponseError) {
        let root = try BencodeNode.trackerAnswer(bytes).root
        if let failure = TrackerFailure(root) { throw .refused(failure) }
        guard let dictionary = root["files"] else { throw .missing(.files) }
        guard dictionary.kind == .dictionary else { throw .malformed(.files) }
        var torrents: [Torrent] = []
        dictionary.forEachPair { key, value in
            guard let hash = key.string.flatMap({ Bytes20($0) }), value.kind == .dictionary else { return }
            let counts = ScrapeCounts(
                complete: value["complete"]?.tally ?? 0, incomplete: value["incomplete"]?.tally ?? 0,
                downloaded: value["downloaded"]?.tally ?? 0)
            torrents.append(Torrent(InfoHash(hash), counts))
        }
        self.init(torrents: torrents)
    }
}

extension TrackerFailure {
    /// The refusal in an answer; nil if there is none.
    init?(_ root: BencodeNode) {
        // BEP 48 writes the key with an underscore, BEP 3 with a space.
        guard let reason = root["failure reason"] ?? root["failure_reason"] else { return nil }
        self.init(reason: reason.shortText ?? "", retry: Self.retry(root))
    }

    /// Whole minutes as a number or in digits, or the word "never" (BEP 31); else the interval, in seconds. Anything
    /// else is no advice.
    private static func retry(_ root: BencodeNode) -> Retry? {
        if root["retry in"]?.stringEquals("never") == true { return .never }
        let waits = [("retry in", Int64(60)), ("interval", 1), ("min interval", 1)]
        for (key, unit) in waits {
            guard let number = root[key]?.number, number > 0 else { continue }
            return .after(.seconds(min(number, BencodeNode.longestWait / unit) * unit))
        }
        return nil
    }
}

extension BencodeLimits {
    /// 2 MiB: ten thousand peers as dictionaries with ids come to about 0.7.
    static let trackerAnswer = BencodeLimits(byteCount: 2 << 20, depth: 8, items: 1 << 18)
}

extension BencodeNode {
    /// Seconds that a tracker may make us wait at most: a day.
    fileprivate static let longestWait: Int64 = 86_400

    /// The dictionary of an answer, and how many bytes other than white space stand around it.
    fileprivate static func trackerAnswer(
        _ bytes: [UInt8]
    ) throws(TrackerResponseError) -> (root: BencodeNode, strayBytes: Int) {
        // Scripts may add a blank line, or the byte order mark of their own source file.
        let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let start = bytes.prefix { $0.isBlankOrBreak || byteOrderMark.contains($0) }.count
        let document: BencodeDocument
        do throws(BencodeError) {
            document = try BencodeDocument(
                start == 0 ? bytes : Array(bytes[start...]), limits: .trackerAnswer, allowsTrailing: true,
                isTolerant: true)
        } catch {
            throw TrackerResponseError(unreadable: bytes, error)
        }
        guard document.root.kind == .dictionary else { throw .notDictionary }
        let around = bytes[..<start] + bytes[(start + document.byteCount)...]
        return (document.root, around.count { !$0.isBlankOrBreak && $0 != 0 })
    }

    /// An integer, or one in digits.
    var number: Int64? { integer ?? text.flatMap { Int64($0) } }

    /// A number from 0 up; many write -1 for what they do not know.
    fileprivate var tally: Int? {
        guard let number, number >= 0 else { return nil }
        return Int(number)
    }

    /// Text for people, cut to a bearable length.
    fileprivate var shortText: String? {
        guard let string else { return nil }
        return String(decoding: string.prefix(TrackerFailure.reasonLimit), as: UTF8.self)
    }

    fileprivate var shortString: [UInt8]? {
        guard let string, string.count <= TrackerFailure.reasonLimit else { return nil }
        return string
    }
}

extension UInt8 {
    var isBlankOrBreak: Bool { isBlank || self == UInt8(ascii: "\r") || self == UInt8(ascii: "\n") }
}
