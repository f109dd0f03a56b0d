// Where redirects lead (RFC 9110, 15.4).

extension TrackerURL {
    /// The URL that `location` names, absolute or relative to this one (RFC 3986, 5.2). User name and password are kept
    /// only for the same host.
    public func redirected(to location: String) throws(TrackerURLError) -> TrackerURL {
        let scalars = location.unicodeScalars
        if scalars.starts(with: "//".unicodeScalars) { return try redirected(to: "\(scheme.rawValue):\(location)") }
        if let mark = scalars.firstRange(of: "://".unicodeScalars),
            scalars[..<mark.lowerBound].allSatisfy({ $0.properties.isAlphabetic })
        {
            let url = try TrackerURL(location)
            guard url.userInfo.isEmpty, url.host == host, url.port == port, url.scheme == scheme else { return url }
            return try url.with(target: url.target, userInfo: userInfo)
        }
        let path = target.prefix { $0 != "?" }
        switch scalars.first {
        case "/": return try with(target: Self.withoutDots(location), userInfo: userInfo)
        case "?": return try with(target: "\(path)\(location)", userInfo: userInfo)
        case nil, "#": return self
        default:
            let folder = path[...(path.lastIndex(of: "/") ?? path.startIndex)]
            return try with(target: Self.withoutDots("\(folder)\(location)"), userInfo: userInfo)
        }
    }

    private func with(target: String, userInfo: String) throws(TrackerURLError) -> TrackerURL {
        try TrackerURL(scheme: scheme, host: host, port: port, target: target, userInfo: userInfo)
    }

    /// Carries out the `.` and `..` of a path (RFC 3986, 5.2.4); the query stays as it is.
    private static func withoutDots(_ target: String) -> String {
        let end = target.unicodeScalars.firstIndex { $0 == "?" || $0 == "#" } ?? target.endIndex
        let segments = target[..<end].unicodeScalars.split(separator: "/", omittingEmptySubsequences: false)
            .map { Substring($0) }
        guard segments.contains(where: { $0 == "." || $0 == ".." }) else { return target }
        var kept: [Substring] = []
        for (place, segment) in segments.dropFirst().enumerated() {
            let isLast = place == segments.count - 2
            switch segment {
            case ".": if isLast { kept.append("") }
            case "..":
                _ = kept.popLast()
                if isLast { kept.append("") }
            default: kept.append(segment)
            }
        }
        return "/" + kept.joined(separator: "/") + target[end...]
    }

    /// This URL, reached by a redirect of `asked`, without the parameters of `request` that the redirect repeats: they
    /// are said anew. What `asked` itself has in its query stays, be it called as one of ours, and so does a `key` that
    /// is not ours: some trackers know their users by one.
    public func withoutParameters(of request: AnnounceRequest, to asked: TrackerURL) throws(TrackerURLError)
        -> TrackerURL
    {
        guard let mark = target.utf8.firstIndex(of: UInt8(ascii: "?")) else { return self }
        var query: [UInt8] = []
        request.appendQuery(to: &query)
        let ours = Parameters(query)
        let theirs = Parameters(asked.target.utf8.drop { $0 != UInt8(ascii: "?") }.dropFirst().map(\.self))
        let kept = Parameters(Array(target.utf8[mark...].dropFirst())).pairs.filter { pair in
            guard let value = ours[pair.key] else { return true }
            return (theirs[pair.key] != nil || pair.key == Array("key".utf8)) && pair.value != value
        }
        let joined = kept.map { String(decoding: $0.text, as: UTF8.self) }.joined(separator: "&")
        return try with(target: target[..<mark] + (joined.isEmpty ? "" : "?" + joined), userInfo: userInfo)
    }

    /// The pairs of a query, decoded for comparing.
    private struct Parameters {
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
}
