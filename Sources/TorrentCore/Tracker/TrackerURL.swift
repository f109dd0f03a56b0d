/// Where a tracker is: `http`, `https` or `udp` (BEP 3, 15, 41).
public typealias TrackerURL = NetworkURL<TrackerScheme>

/// What is wrong with the URL of a tracker.
public typealias TrackerURLError = NetworkURLError<TrackerScheme>

/// The protocol of a tracker.
public enum TrackerScheme: String, URLScheme, BitwiseCopyable {
    case http, https, udp

    /// Nil for `udp`.
    public var defaultPort: UInt16? {
        switch self {
        case .http: HTTPScheme.http.defaultPort
        case .https: HTTPScheme.https.defaultPort
        case .udp: nil
        }
    }

    /// For whoever wrote another scheme, or none.
    public static var noneOfThem: String { "neither http://, https:// nor udp://" }
}

extension NetworkURL<TrackerScheme> {
    /// Path and query that ask for `request`, joined to a query that the URL has already.
    public func target(for request: AnnounceRequest) -> [UInt8] {
        var output = joinedTarget
        request.appendQuery(to: &output)
        return output
    }

    private var joinedTarget: [UInt8] {
        var output = Array(target.utf8)
        if !output.contains(UInt8(ascii: "?")) {
            output.append(UInt8(ascii: "?"))
        } else if let last = output.last, last != UInt8(ascii: "?"), last != UInt8(ascii: "&") {
            output.append(UInt8(ascii: "&"))
        }
        return output
    }

    /// The option of a UDP announce with path and query (BEP 41); empty if the path says nothing.
    public var urlData: [UInt8] {
        target == "/" || target == "/announce" ? [] : Array(target.utf8)
    }

    /// The path does not contain "announce", unlike those of nearly all trackers.
    public var lacksAnnounce: Bool { !target.prefix { $0 != "?" }.contains("announce") }

    /// This URL, reached by a redirect of `asked`, without the parameters of `request` that the redirect repeats: they
    /// are said anew. What `asked` itself has in its query stays, be it called as one of ours, and so does a `key` that
    /// is not ours: some trackers know their users by one.
    public func withoutParameters(of request: AnnounceRequest, to asked: TrackerURL) throws(TrackerURLError)
        -> TrackerURL
    {
        guard let mark = target.utf8.firstIndex(of: UInt8(ascii: "?")) else { return self }
        var query: [UInt8] = []
        request.appendQuery(to: &query)
        let ours = QueryParameters(query)
        let theirs = QueryParameters(asked.target.utf8.drop { $0 != UInt8(ascii: "?") }.dropFirst().map(\.self))
        let kept = QueryParameters(Array(target.utf8[mark...].dropFirst())).pairs.filter { pair in
            guard let value = ours[pair.key] else { return true }
            return (theirs[pair.key] != nil || pair.key == Array("key".utf8)) && pair.value != value
        }
        let joined = kept.map { String(decoding: $0.text, as: UTF8.self) }.joined(separator: "&")
        return try with(target: target[..<mark] + (joined.isEmpty ? "" : "?" + joined), userInfo: userInfo)
    }
}

/// The pairs of a query, decoded for comparing.
private struct QueryParameters {
    struct Pair {
        let key: [UInt8]
        let value: [UInt8]
        /// As it stands in the query.
        let text: [UInt8]
    }

    var pairs: [Pair] = []

    init(_ query: [UInt8]) {
        var reader = QueryReader(0..<query.count)
        query.withBytes { bytes in
            while let pair = reader.next(in: bytes) {
                pairs.append(
                    Pair(
                        key: PercentCoding.decoded(bytes.array(pair.key)),
                        value: PercentCoding.decoded(bytes.array(pair.value)),
                        text: bytes.array(pair.key.lowerBound..<pair.value.upperBound)))
            }
        }
    }

    subscript(key: [UInt8]) -> [UInt8]? { pairs.first { $0.key == key }?.value }
}
